/** The encodings of a value: exact JSON if it is small and plain, otherwise the bytes of the codec. */

import { exactJson } from './exact_json.js';
import { encodeStructure, type EncodedStructure, type EncodingContext } from './structure.js';

/** A value as JSON text, or as bytes of the codec. */
export type EncodedValue = string | EncodedStructure;

/**
 * Encodes `value` as it is now: later changes are not seen.
 *
 * @throws {DataCloneError} for a value that cannot be sent
 */
export function encodeValue(value: unknown, context: EncodingContext): EncodedValue {
  const json = exactJson(value);
  return typeof json === 'string' ? json : encodeStructure(value, context, json);
}

/** The size of `encoded` in bytes, including its buffers. */
export function encodedSize(encoded: EncodedValue): number {
  if (typeof encoded === 'string') return encoded.length;
  let size = encoded.bytes.byteLength;
  for (const buffer of encoded.buffers) size += buffer.byteLength;
  return size;
}

const none: readonly number[] = [];

/** Ids of the functions that `encoded` names. */
export function functionsOf(encoded: EncodedValue): readonly number[] {
  return typeof encoded === 'string' ? none : encoded.functions;
}

/** A copy of `encoded` with buffers of its own. */
export function withCopiedBuffers(encoded: EncodedValue | undefined): EncodedValue | undefined {
  if (typeof encoded !== 'object' || encoded.buffers.length === 0) return encoded;
  return { ...encoded, buffers: encoded.buffers.map((buffer) => buffer.slice(0)) };
}
