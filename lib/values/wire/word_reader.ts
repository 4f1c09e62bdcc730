/** Reads the words of an encoded value in sequence. */

import { format, head } from './codes.js';
import { damaged } from './damage.js';

// Most values are small, and where they begin no 32-bit word can be read: they are copied here.
const scratch = new ArrayBuffer(1 << 15);
const scratchWords = new Int32Array(scratch);
const scratchFloats = new Float64Array(scratch);
const scratchBytes = new Uint8Array(scratch);
let scratchIsFree = true;

/** Memory that holds the words of a value until {@link giveBack}. */
export interface BorrowedWords {
  readonly words: Int32Array;
  readonly floats: Float64Array;
  /** The number of words, including the tables. */
  readonly count: number;
}

/** The words of `bytes`, in memory that is aligned for them; to be returned by {@link giveBack}. */
export function borrowWords(bytes: Uint8Array): BorrowedWords {
  const count = countWords(bytes);
  const length = 4 * count;
  if (scratchIsFree && length <= scratch.byteLength) {
    scratchIsFree = false;
    scratchBytes.set(length === bytes.length ? bytes : bytes.subarray(0, length));
    return { words: scratchWords, floats: scratchFloats, count };
  }
  const { buffer, byteOffset } =
    bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes.subarray(0, length));
  return {
    words: new Int32Array(buffer, byteOffset, count),
    floats: new Float64Array(buffer, byteOffset, count >> 1),
    count,
  };
}

/** Lets the next value use the memory; values decoded from it must not refer to it. */
export function giveBack({ words }: BorrowedWords): void {
  if (words === scratchWords) scratchIsFree = true;
}

/** A position in the words of a value. No read goes beyond `end`. */
export class WordReader {
  readonly words: Int32Array;
  readonly floats: Float64Array;
  readonly count: number;
  /** The index at which the contents end and the tables begin. */
  readonly end: number;
  at: number = head.size;

  constructor({ words, floats, count }: BorrowedWords) {
    this.words = words;
    this.floats = floats;
    this.count = count;
    this.end = words[head.tables]! >>> 0;
  }

  /** The number of words left. */
  get left(): number {
    return this.end - this.at;
  }

  word(): number {
    if (this.at >= this.end) throw cutOff();
    return this.words[this.at++]!;
  }

  /** Reads a float64 that has no word of its own before it. */
  double(): number {
    return this.floats[this.#wide()]!;
  }

  /** Reads an int64 that has no word of its own before it. */
  bigint(): bigint {
    const index = 2 * this.#wide();
    return (BigInt(this.words[index + 1]!) << 32n) | BigInt(this.words[index]! >>> 0);
  }

  alignToEven(): void {
    this.at += this.at & 1;
  }

  #wide(): number {
    this.alignToEven();
    if (this.left < 2) throw cutOff();
    this.at += 2;
    return (this.at >> 1) - 1;
  }

  /** Reads a word with the number of items that follow, each of at least `size` words. */
  countOf(size: number): number {
    const count = this.word() >>> 0;
    if (count * size > this.left) throw cutOff();
    return count;
  }
}

/** The error for bytes that end too early. */
export function cutOff(): Error {
  return damaged('it is cut off');
}

function countWords(bytes: Uint8Array): number {
  if (bytes.byteLength < 4 * head.size) throw damaged('its head is cut off');
  if (wordAt(bytes, head.format) !== format) throw damaged('its format is unknown');
  const count = wordAt(bytes, head.words) >>> 0;
  const tables = wordAt(bytes, head.tables) >>> 0;
  if (4 * count > bytes.byteLength || count % 2 !== 0 || tables % 2 !== 0) throw cutOff();
  if (tables < head.size || tables > count) throw damaged('it has no tables');
  return count;
}

function wordAt(bytes: Uint8Array, index: number): number {
  const at = 4 * index;
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
