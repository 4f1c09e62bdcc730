/** Values encoded apart from the message that carries them: by an executor's own codec, or because they are decoded later. */

import { types } from 'node:util';

import { describeValue } from '../argument_errors.js';
import { DataCloneError } from '../errors.js';

/** Bytes of a value; `buffers` travel as messages of their own. */
export interface PackedValue {
  readonly bytes: Uint8Array;
  /** Default: none. */
  readonly buffers?: readonly ArrayBuffer[] | undefined;
}

/**
 * Encodes arguments and results in place of the package's own codec. It is sent to the workers once, so it may use
 * anything of its module.
 */
export interface ValueCodec {
  /** Bytes of an argument list or a result; what it throws fails that task with a `DataCloneError`. */
  encode(this: this, value: unknown): Uint8Array | PackedValue;
  /** The inverse of `encode`, on the other side, with the buffers that it gave. */
  decode(this: this, bytes: Uint8Array, buffers: readonly ArrayBuffer[]): unknown;
}

/** The value as it is put into a message. */
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
 * The inverse of {@link packWith}.
 * @throws {DataCloneError} with what the codec threw as its cause
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
