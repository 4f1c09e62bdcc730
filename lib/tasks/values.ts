/** How a value crosses the wire: as exact JSON if it is small and plain, else as a structured clone. */

import { exactJson } from './exact_json.js';
import { encodeStructured, type Snapshot, type StructuredValue } from './structured.js';

/** JSON text, or a structured clone. */
export type EncodedValue = string | StructuredValue;

/**
 * Encodes `value` as it is now: later changes are not seen.
 *
 * @throws {DataCloneError} for what cannot travel
 */
export function encodeValue(value: unknown, snapshot: Snapshot): EncodedValue {
  return exactJson(value) ?? encodeStructured(value, snapshot);
}

/** Bytes that `encoded` takes, its buffers included. */
export function encodedSize(encoded: EncodedValue): number {
  if (typeof encoded === 'string') return encoded.length;
  let size = encoded.bytes.byteLength;
  for (const buffer of encoded.buffers) size += buffer.byteLength;
  return size;
}

/** A snapshot in ordinary memory. */
export const plainSnapshot: Snapshot = (bytes) => {
  const copy = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(bytes);
  return copy;
};
