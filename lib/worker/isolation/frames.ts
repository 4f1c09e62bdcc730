/**
 * Messages between a keeper and its sandbox (docs/design/isolation.md), as bytes of a stream: the size of the payload and the number
 * of the buffers, the sizes of the buffers, the payload, the buffers.
 */

import { Buffer, constants } from 'node:buffer';

import { bufferFrom } from '../../buffer_from.js';

/** The descriptors of the sandbox for messages. */
export const sandboxPipes = { in: 3, out: 4 } as const;

const head = 16;
const perSize = 8;

/** The largest number of buffers of a message: that of the functions and arguments of one batch is far below. */
const mostBuffers = 1 << 24;

/** A payload up to this size is copied behind the sizes: one piece is written sooner than two. */
const mostCopied = 1 << 16;

// As they were before any task could replace them.
const { Uint8Array: Bytes } = globalThis;
const allocate = Buffer.allocUnsafeSlow.bind(Buffer);

/** The pieces of a message, in order. The first `length` bytes of `payload` are copied unless they are many. */
export function frameOf(
  payload: Uint8Array,
  length: number,
  buffers: readonly ArrayBuffer[] | undefined,
): Uint8Array[] {
  const count = buffers?.length ?? 0;
  const sizes = head + count * perSize;
  const isCopied = length <= mostCopied;
  const first = allocate(isCopied ? sizes + length : sizes);
  first.writeDoubleLE(length, 0);
  first.writeUInt32LE(count, 8);
  first.writeUInt32LE(0, 12);
  const pieces: Uint8Array[] = [first];
  if (isCopied) first.set(payload.subarray(0, length), sizes);
  else pieces[1] = payload.subarray(0, length);
  for (let at = 0; at < count; at++) {
    const buffer = buffers![at]!;
    first.writeDoubleLE(buffer.byteLength, head + at * perSize);
    if (buffer.byteLength > 0) pieces[pieces.length] = new Bytes(buffer);
  }
  return pieces;
}

/** Puts messages together from the chunks of a stream. */
export class FrameReader {
  readonly #receive: (payload: Buffer, buffers: ArrayBuffer[] | undefined) => void;
  /** The beginning of a message, as long as its sizes are not known. */
  #begun: Buffer | undefined;
  /** The parts of the message that comes: the payload, and the buffers. */
  #parts: Buffer[] | undefined;
  #part = 0;
  #filled = 0;

  /** @param receive - called with each message; payload and buffers are the receiver's */
  constructor(receive: (payload: Buffer, buffers: ArrayBuffer[] | undefined) => void) {
    this.#receive = receive;
  }

  /**
   * `chunk` belongs to the reader from now on.
   *
   * @throws for what no sandbox or keeper sends; nothing that follows can be read then
   */
  add(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#parts === undefined) {
        const whole = this.#begin(rest);
        if (whole === undefined) return;
        rest = whole;
      } else rest = this.#fill(rest);
    }
  }

  /** Begins a message; returns the rest behind it or its sizes, or undefined if these are not all there. */
  #begin(chunk: Buffer): Buffer | undefined {
    const bytes = this.#begun === undefined ? chunk : Buffer.concat([this.#begun, chunk]);
    const count = bytes.length < head ? 0 : bytes.readUInt32LE(8);
    if (count > mostBuffers) throw new Error(`a message of ${count} buffers`);
    const sizes = head + count * perSize;
    if (bytes.length < sizes) {
      this.#begun = bytes;
      return undefined;
    }
    this.#begun = undefined;
    const length = sizeAt(bytes, 0);
    if (count === 0 && bytes.length >= sizes + length) {
      const payload = bytes.subarray(sizes, sizes + length);
      this.#receive(payload, undefined);
      return bytes.subarray(sizes + length);
    }
    const parts: Buffer[] = [allocate(length)];
    for (let at = 0; at < count; at++) {
      const size = sizeAt(bytes, head + at * perSize);
      parts[parts.length] = bufferFrom(new ArrayBuffer(size), 0, size);
    }
    this.#parts = parts;
    this.#part = this.#filled = 0;
    const rest = bytes.subarray(sizes);
    return rest.length > 0 ? rest : this.#fill(rest);
  }

  /** Fills the parts; returns what is behind them. */
  #fill(chunk: Buffer): Buffer {
    const parts = this.#parts!;
    let at = 0;
    for (; this.#part < parts.length; this.#part++, this.#filled = 0) {
      const part = parts[this.#part]!;
      const copied = chunk.copy(part, this.#filled, at);
      at += copied;
      this.#filled += copied;
      if (this.#filled < part.length) return chunk.subarray(chunk.length);
    }
    this.#parts = undefined;
    const buffers: ArrayBuffer[] = [];
    for (let index = 1; index < parts.length; index++)
      buffers[index - 1] = parts[index]!.buffer as ArrayBuffer;
    this.#receive(parts[0]!, buffers.length === 0 ? undefined : buffers);
    return chunk.subarray(at);
  }
}

function sizeAt(bytes: Buffer, at: number): number {
  const size = bytes.readDoubleLE(at);
  if (!(size >= 0 && size <= constants.MAX_LENGTH && size % 1 === 0))
    throw new Error(`a size of ${size} bytes`);
  return size;
}
