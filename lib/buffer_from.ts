import { Buffer } from 'node:buffer';

/** `Buffer.from` for memory, as it was before any task could replace it. */
export const bufferFrom = Buffer.from.bind(Buffer) as (
  memory: ArrayBufferLike,
  offset: number,
  length: number,
) => Buffer;
