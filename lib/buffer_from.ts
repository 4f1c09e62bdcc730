import { Buffer } from 'node:buffer';

/** `Buffer.from` for memory, as it was before any task could replace it. */
export const bufferFrom = Buffer.from.bind(Buffer) as (
  memory: ArrayBufferLike,
  offset: number,
  length: number,
) => Buffer;

/** Returns a Buffer of the same memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  if (bytes instanceof Buffer) return bytes;
  return bufferFrom(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
