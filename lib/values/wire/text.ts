/**
 * All strings of a value in sequence, cut into pages. A page is written and read by one call, as latin1 if possible,
 * otherwise as UTF-16, which keeps lone surrogates. A string never crosses a page boundary. A string that was cut out
 * of a page keeps the page in memory: so pages are short, and a long string has a page of its own.
 */

import { damaged } from './damage.js';

const pageLength = 1 << 14;

/** Collects the texts of a value into pages. */
export class TextWriter {
  #pages: string[] = [];
  #page = '';

  add(text: string): void {
    if (text.length >= pageLength) {
      this.#close();
      this.#page = text;
      this.#close();
      return;
    }
    this.#page += text;
    if (this.#page.length >= pageLength) this.#close();
  }

  /** The pages, beginning with `first`. Empties the writer. */
  take(first: string): readonly Page[] {
    if (this.#pages.length === 0) {
      const text = first + this.#page;
      this.#page = '';
      return text === '' ? noPages : [pageOf(text)];
    }
    this.#close();
    const texts = this.#pages;
    this.#pages = [];
    if (first !== '') {
      if (texts[0]!.length < 2 * pageLength) texts[0] = first + texts[0]!;
      else texts.unshift(first);
    }
    return texts.map(pageOf);
  }

  #close(): void {
    if (this.#page === '') return;
    this.#pages.push(this.#page);
    this.#page = '';
  }
}

/** A sequence of strings that is written by one call. */
export interface Page {
  readonly text: string;
  readonly wide: boolean;
}

const noPages: readonly Page[] = [];
// eslint-disable-next-line no-control-regex -- latin1 begins at 0
const notLatin1 = /[^\x00-\xff]/;

function pageOf(text: string): Page {
  return { text, wide: notLatin1.test(text) };
}

/** The entry of a page in the table of pages. */
export function pageWord({ text, wide }: Page): number {
  return (text.length << 1) | (wide ? 1 : 0);
}

/** The size of a page in bytes, in its encoding. */
export function pageBytes({ text, wide }: Page): number {
  return wide ? 2 * text.length : text.length;
}

/** Writes `page` at `at` and returns the offset where it ends. */
export function writePage(page: Page, into: Buffer, at: number): number {
  return at + into.write(page.text, at, page.wide ? 'utf16le' : 'latin1');
}

type Slice = (this: Uint8Array, from: number, to: number) => string;

// Not in the types. They take any Uint8Array.
const slices = Buffer.prototype as unknown as { latin1Slice: Slice; ucs2Slice: Slice };

/**
 * Returns the strings of a value, in the order in which they were added; a page is decoded when its first string is
 * read.
 */
export class TextReader {
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  /** The index of the next row in the table of pages. */
  #row: number;
  readonly #lastRow: number;
  #byteAt: number;
  #page = '';
  #at = 0;

  /** @param byteAt - where in `bytes` the pages begin; their table stands in `words` */
  constructor(bytes: Uint8Array, byteAt: number, words: Int32Array, row: number, pages: number) {
    this.#bytes = bytes;
    this.#byteAt = byteAt;
    this.#words = words;
    this.#row = row;
    this.#lastRow = row + pages;
  }

  next(length: number): string {
    if (length === 0) return '';
    if (this.#at === this.#page.length) this.#turn();
    const from = this.#at;
    const to = from + length;
    const page = this.#page;
    if (to > page.length) throw damaged('a text is longer than its page');
    this.#at = to;
    return page.slice(from, to);
  }

  #turn(): void {
    if (this.#row >= this.#lastRow) throw damaged('a text is missing');
    const word = this.#words[this.#row++]! >>> 0;
    const wide = (word & 1) === 1;
    const from = this.#byteAt;
    const to = from + (wide ? 2 * (word >>> 1) : word >>> 1);
    if (to > this.#bytes.length || to === from) throw damaged('a page of text is cut off');
    this.#byteAt = to;
    this.#page = slices[wide ? 'ucs2Slice' : 'latin1Slice'].call(this.#bytes, from, to);
    this.#at = 0;
  }
}
