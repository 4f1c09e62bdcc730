/** Reads the buffers of a value: received buffers become its memory, inline contents are copied. */

import { bufferKinds, bufferRow } from '../wire/codes.js';
import { damaged } from '../wire/damage.js';
import { createResizable } from './resizable.js';
import { bufferType, viewTypes } from './views.js';
import type { WordReader } from '../wire/word_reader.js';

interface Place {
  readonly kind: number;
  /** The first byte that was sent, as an offset in the sender's buffer. */
  readonly start: number;
  readonly length: number;
  readonly maxLength: number;
  /** Index among the received buffers, or first byte of the inline content. */
  readonly at: number;
  buffer: ArrayBuffer | undefined;
}

/**
 * The table of an encoded value's buffers. It is checked when it is made; each buffer is created when it is first used.
 */
export class BufferReader {
  readonly #bytes: Uint8Array;
  readonly #received: readonly ArrayBuffer[];
  readonly #places: Place[] = [];
  /** First byte behind the inline contents. */
  readonly end: number;

  /** @param inlineAt - where in `bytes` the inline contents begin */
  constructor(
    bytes: Uint8Array,
    received: readonly ArrayBuffer[],
    inlineAt: number,
    { words, floats }: WordReader,
    firstRow: number,
    count: number,
  ) {
    this.#bytes = bytes;
    this.#received = received;
    let at = inlineAt;
    let nextReceived = 0;
    for (let number = 0; number < count; number++) {
      const row = firstRow + number * bufferRow.size;
      const kind = words[row + bufferRow.kind]!;
      const start = size(floats[(row + bufferRow.start) >> 1]!);
      const length = size(floats[(row + bufferRow.length) >> 1]!);
      const maxLength = size(floats[(row + bufferRow.maxLength) >> 1]!);
      if (maxLength < length) throw damaged('a buffer is longer than it may be');
      const inline = (kind & bufferKinds.inline) !== 0;
      if (inline) {
        if (length > bytes.byteLength - at) throw damaged('the content of a buffer is cut off');
      } else if (received[nextReceived]?.byteLength !== length) {
        throw damaged(
          `expected a buffer of ${length} bytes but received ${received[nextReceived]?.byteLength ?? 'none'}`,
        );
      }
      const place = { kind, start, length, maxLength, at: inline ? at : nextReceived };
      this.#places.push({ ...place, buffer: undefined });
      if (inline) at += length + (-length & 7);
      else nextReceived++;
    }
    if (nextReceived !== received.length)
      throw damaged(`expected ${nextReceived} buffers but received ${received.length}`);
    if (at > bytes.byteLength) throw damaged('the contents of buffers are cut off');
    this.end = at;
  }

  buffer(number: number): ArrayBuffer {
    return this.#bufferOf(this.#place(number));
  }

  /** A view of `byteLength` bytes, or of as many as there are if that is undefined, from `byteOffset` of the sender's buffer on. */
  view(
    type: number,
    number: number,
    byteOffset: number,
    byteLength: number | undefined,
  ): ArrayBufferView {
    const place = this.#place(number);
    const buffer = this.#bufferOf(place);
    const offset = byteOffset - place.start;
    if (!(offset >= 0 && offset + (byteLength ?? 0) <= buffer.byteLength))
      throw damaged('a view exceeds its buffer');
    if (type === bufferType) return Buffer.from(buffer, offset, byteLength);
    const { create, elementSize } = viewTypes[type] ?? unknownType(type);
    if (byteLength === undefined) return new create(buffer, offset);
    if (offset % elementSize !== 0 || byteLength % elementSize !== 0)
      throw damaged('a view is misaligned');
    return new create(buffer, offset, byteLength / elementSize);
  }

  #place(number: number): Place {
    const place = this.#places[number];
    if (place === undefined) throw damaged('a buffer is missing');
    return place;
  }

  #bufferOf(place: Place): ArrayBuffer {
    return (place.buffer ??= this.#create(place));
  }

  #create({ kind, length, maxLength, at }: Place): ArrayBuffer {
    const inline = (kind & bufferKinds.inline) !== 0;
    const resizable = (kind & bufferKinds.resizable) !== 0;
    if (!inline && !resizable) return this.#received[at]!;
    const content = inline
      ? this.#bytes.subarray(at, at + length)
      : new Uint8Array(this.#received[at]!);
    const buffer = resizable ? createResizable(length, maxLength) : new ArrayBuffer(length);
    new Uint8Array(buffer).set(content);
    return buffer;
  }
}

function size(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw damaged('the size of a buffer is invalid');
  return value;
}

function unknownType(type: number): never {
  throw damaged(`unknown type ${type} of view`);
}
