/** Writes words, and numbers wider than a word, into memory that grows. */

import { codes, codeWord } from './codes.js';
import { Refusal } from '../refusing/refusals.js';

const firstSize = 1 << 14;
/** Scratch memory larger than this many bytes is released after each value or message. */
export const mostKept = 1 << 23;
/** The limit for indices of words, which must stay small integers: 4 GiB. */
const mostWords = 1 << 30;

const doubleWord = codeWord(codes.double);

/** The words of a value that is being written. */
export class WordWriter {
  words = new Int32Array(firstSize);
  floats = new Float64Array(this.words.buffer);
  bigints = new BigInt64Array(this.words.buffer);
  /** The index of the next word. */
  at = 0;

  /** Makes room for `count` words. */
  reserve(count: number): void {
    if (this.at + count > this.words.length) this.#grow(this.at + count);
  }

  word(word: number): void {
    this.reserve(1);
    this.words[this.at++] = word;
  }

  number(value: number): void {
    this.reserve(4);
    if ((value << 1) >> 1 === value && (value !== 0 || 1 / value > 0)) {
      this.words[this.at++] = (value << 1) | 1;
      return;
    }
    this.words[this.at++] = doubleWord;
    this.double(value);
  }

  /** Writes a float64 that has no word of its own before it. */
  double(value: number): void {
    this.alignToEven();
    this.reserve(2);
    this.floats[this.at >> 1] = value;
    this.at += 2;
  }

  /** Writes an int64 that has no word of its own before it. */
  bigint(value: bigint): void {
    this.alignToEven();
    this.reserve(2);
    this.bigints[this.at >> 1] = value;
    this.at += 2;
  }

  alignToEven(): void {
    if ((this.at & 1) === 0) return;
    this.reserve(1);
    this.words[this.at++] = 0;
  }

  /** Releases memory that has become very large. */
  release(): void {
    this.at = 0;
    if (this.words.byteLength > mostKept) this.#use(new Int32Array(firstSize));
  }

  #grow(needed: number): void {
    if (needed > mostWords)
      throw new Refusal(undefined, 'it takes more than 4 GiB; put large data into typed arrays');
    const larger = new Int32Array(
      Math.min(mostWords, Math.max(2 * this.words.length, needed + 64)),
    );
    larger.set(this.words.subarray(0, this.at));
    this.#use(larger);
  }

  #use(words: Int32Array<ArrayBuffer>): void {
    this.words = words;
    this.floats = new Float64Array(words.buffer, 0, words.length >> 1);
    this.bigints = new BigInt64Array(words.buffer, 0, words.length >> 1);
  }
}
