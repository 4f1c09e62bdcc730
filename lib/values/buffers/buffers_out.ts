/**
 * Writes the buffers of a value. For each buffer, the range that its views use is sent once, so that they share memory
 * again on the other side. Contents from 2 KiB up are sent out of band if there is a snapshot function, smaller ones
 * inline. Small Buffers in Node's pool are independent of each other: only those with overlapping ranges stay together.
 */

import { bufferKinds, bufferRow } from '../wire/codes.js';
import { isMoved, isPool, takeOver } from './move.js';
import { isResizable, maxByteLengthOf } from './resizable.js';
import type { Snapshot } from './snapshot.js';
import type { WordWriter } from '../wire/words.js';

/** Contents from this size in bytes up are sent out of band. */
export const outOfBandFrom = 2048;

interface Range {
  readonly buffer: ArrayBufferLike;
  readonly number: number;
  start: number;
  end: number;
  /** The views on a buffer that may be Node's pool. */
  views: PoolView[] | undefined;
}

interface PoolView {
  /** The word that holds the number of the view's buffer. */
  readonly at: number;
  readonly start: number;
  readonly end: number;
}

const widestElement = 8;
const noBytes: readonly Uint8Array[] = [];
const noBuffers: readonly ArrayBuffer[] = [];

/** The buffers of one value: collects the ranges in use, then copies or takes over their contents. */
export class BufferWriter {
  readonly #words: WordWriter;
  #ranges = new Map<ArrayBufferLike, Range>();
  /** The inline contents, which follow the words and are aligned to 8 bytes. */
  inline = noBytes;
  outOfBand = noBuffers;
  count = 0;

  constructor(words: WordWriter) {
    this.#words = words;
  }

  /** Notes that a range of `buffer` is used; returns the number of the buffer. */
  use(buffer: ArrayBufferLike, start: number, end: number): number {
    const range = this.#rangeOf(buffer, start, end);
    range.views = undefined;
    return range.number;
  }

  /** Notes that a Buffer uses a range of `buffer`, and keeps the word at index `at`, to which its number is written. */
  useBuffer(buffer: ArrayBufferLike, start: number, end: number, at: number): number {
    const isNew = !this.#ranges.has(buffer);
    const range = this.#rangeOf(buffer, start, end);
    if (isNew && isPool(buffer)) range.views = [];
    range.views?.push({ at, start, end });
    return range.number;
  }

  #rangeOf(buffer: ArrayBufferLike, start: number, end: number): Range {
    const known = this.#ranges.get(buffer);
    if (known === undefined) {
      const range = { buffer, number: this.#ranges.size, start, end, views: undefined };
      this.#ranges.set(buffer, range);
      return range;
    }
    known.start = Math.min(known.start, start);
    known.end = Math.max(known.end, end);
    return known;
  }

  /** Copies or takes over the contents, and writes the table of buffers. */
  finish(snapshot: Snapshot | undefined): void {
    this.count = this.#ranges.size;
    if (this.count > 0) this.#writeTable(snapshot);
  }

  /** Releases the contents, which the encoded value has taken over. */
  release(): void {
    this.inline = noBytes;
    this.outOfBand = noBuffers;
  }

  #writeTable(snapshot: Snapshot | undefined): void {
    const ranges = Array.from(this.#ranges.values());
    this.#ranges = new Map();
    for (const range of ranges.slice()) {
      if (range.views !== undefined && !isMoved(range.buffer)) this.#separate(range, ranges);
    }
    const inline: Uint8Array[] = [];
    const outOfBand: ArrayBuffer[] = [];
    // Moving can fail, so it is done before any buffer is copied.
    const moved = ranges.filter(({ buffer }) => isMoved(buffer));
    const memories = takeOver(moved.map(({ buffer }) => buffer as ArrayBuffer));
    const taken = new Map(moved.map((range, number) => [range, memories[number]!]));
    for (const range of ranges) {
      const memory = taken.get(range);
      const source = memory ?? range.buffer;
      const start = memory ? 0 : range.start - (range.start % widestElement);
      const length = (memory?.byteLength ?? range.end) - start;
      const isInline = length < outOfBandFrom || snapshot === undefined;
      if (isInline) inline.push(bytesOf(source, start, length, memory === undefined));
      else outOfBand.push(memory ?? copyOf(source, start, length, snapshot));
      this.#writeRow(source, start, length, isInline);
    }
    this.inline = inline;
    this.outOfBand = outOfBand;
    this.count = ranges.length;
  }

  #writeRow(buffer: ArrayBufferLike, start: number, length: number, isInline: boolean): void {
    const resizable = isResizable(buffer);
    const words = this.#words;
    words.reserve(bufferRow.size);
    const { at } = words;
    words.words[at + bufferRow.kind] =
      (isInline ? bufferKinds.inline : 0) | (resizable ? bufferKinds.resizable : 0);
    words.words[at + bufferRow.kind + 1] = 0;
    words.floats[(at + bufferRow.start) >> 1] = start;
    words.floats[(at + bufferRow.length) >> 1] = length;
    words.floats[(at + bufferRow.maxLength) >> 1] = resizable ? maxByteLengthOf(buffer) : length;
    words.at = at + bufferRow.size;
  }

  /** Gives each group of overlapping views in `pool` a range of its own; the first one keeps its number. */
  #separate(pool: Range, ranges: Range[]): void {
    const views = pool.views!.sort((one, other) => one.start - other.start);
    let range = pool;
    range.start = views[0]!.start;
    range.end = views[0]!.end;
    for (const { at, start, end } of views) {
      if (start >= range.end && start > range.start) {
        range = { buffer: pool.buffer, number: ranges.length, start, end, views: undefined };
        ranges.push(range);
      }
      range.end = Math.max(range.end, end);
      this.#words.words[at] = (this.#words.words[at]! & 1) | (range.number << 1);
    }
  }
}

function bytesOf(
  buffer: ArrayBufferLike,
  start: number,
  length: number,
  copy: boolean,
): Uint8Array {
  const bytes = new Uint8Array(buffer, start, length);
  return copy ? bytes.slice() : bytes;
}

/** The number of elements that a Uint8Array can have on Node.js 20. */
const longest = 2 ** 32 - 1;

function copyOf(
  buffer: ArrayBufferLike,
  start: number,
  length: number,
  snapshot: Snapshot,
): ArrayBuffer {
  return length > longest
    ? (buffer as ArrayBuffer).slice(start, start + length)
    : snapshot(new Uint8Array(buffer, start, length));
}
