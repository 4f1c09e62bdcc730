/**
 * Values that are encoded apart from the message that carries them: by an executor's own codec, or because they are
 * decoded later.
 */

import { types } from 'node:util';

import { describeValue } from '../argument_errors.js';
import { DataCloneError } from '../errors.js';

/** The bytes of a value; `buffers` are sent as separate messages. */
export interface PackedValue {
  readonly bytes: Uint8Array;
  /** Default: none. */
  readonly buffers?: readonly ArrayBuffer[] | undefined;
}

/**
 * Encodes arguments and results in place of the package's own codec. The codec is sent to the workers once, so it may
 * use anything from its module.
 */
export interface ValueCodec {
  /**
   * Returns the bytes of an argument list or a result. An error that it throws fails that task with a `DataCloneError`.
   */
  encode(this: this, value: unknown): Uint8Array | PackedValue;
  /** Decodes on the other side what `encode` returned, with the buffers that it returned. */
  decode(this: this, bytes: Uint8Array, buffers: readonly ArrayBuffer[]): unknown;
}

/** Encodes a value in the form in which a message carries it. */
export function packWith(codec: ValueCodec, value: unknown): PackedValue {
  const encoded: unknown = ofCodec('encode', () => codec.encode(value));
  if (types.isUint8Array(encoded)) return { bytes: encoded };
  const { bytes, buffers } = (encoded ?? {}) as Partial<PackedValue>;
  if (types.isUint8Array(bytes)) return { bytes, buffers };
  throw new DataCloneError(
    `Expected a Uint8Array or { bytes, buffers } from codec.encode but received ${describeValue(encoded)}`,
  );
}

/**
 * Decodes what {@link packWith} returned.
 *
 * @throws {DataCloneError} whose cause is the error that the codec threw
 */
export function unpackWith(codec: ValueCodec, packed: unknown): unknown {
  const { bytes, buffers = [] } = packed as PackedValue;
  return ofCodec('decode', () => codec.decode(bytes, buffers));
}

function ofCodec<T>(method: string, call: () => T): T {
  try {
    return call();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataCloneError(`codec.${method} of the executor failed: ${reason}`, { cause });
  }
}
