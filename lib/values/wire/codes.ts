/**
 * The words of an encoded value.
 *
 * A value begins with one 32-bit word. Its lowest bits say what it is:
 *
 *     …………………………………1   a whole number of 31 bits
 *     ……………………………010   a text: bit 3: it has the next number of the repeated texts; from bit 4: its length
 *     ……………………………100   an object met before: from bit 3 its number
 *     ……………………………110   a text met before: from bit 3 its number
 *     ……………………………000   a code: bits 3–8; of an object also its variant, bits 9–10, whether it has properties
 *                       besides its content, bit 11, and an argument from bit 12
 *
 * What is wider than a word stands behind it, float64 and int64 at the next even word.
 */

export const tagText = 2;
export const tagReference = 4;
export const tagRepeatedText = 6;
export const tagMask = 7;

export const codes = {
  undefined: 0,
  null: 1,
  true: 2,
  false: 3,
  double: 4,
  hole: 5,
  bigint64: 6,
  bigintText: 7,
  longText: 8,
  wellKnownSymbol: 9,
  registeredSymbol: 10,
  wellKnownObject: 11,
  /** In the elements of an array: from here on only the elements that there are, each with its index. */
  sparse: 12,
  function: 13,
  bound: 14,

  object: 20,
  array: 21,
  arguments: 22,
  /** From 23 on: the other kinds of objects, each with the code on its page in kinds/. */
} as const;

/**
 * Contents of plain objects, arrays and instances stand right behind their heads as long as they are no deeper inside
 * each other than this.
 */
export const mostInline = 32;

/** How the prototype of an object is found. */
export const variants = {
  /** It is the one of its kind. */
  usual: 0,
  /** A class follows. */
  ofClass: 1,
  /** It has none. */
  null: 2,
} as const;

/** How the elements of an array are written. */
export const elements = { any: 0, integers: 1, doubles: 2 } as const;

export function codeWord(code: number, variant = 0, hasProperties = false, argument = 0): number {
  return (code << 3) | (variant << 9) | (hasProperties ? 1 << 11 : 0) | (argument << 12);
}

export function codeOf(word: number): number {
  return (word >>> 3) & 63;
}

export function variantOf(word: number): number {
  return (word >>> 9) & 3;
}

export function hasProperties(word: number): boolean {
  return (word & (1 << 11)) !== 0;
}

export function argumentOf(word: number): number {
  return word >>> 12;
}

/** The words at the head of every encoded value, by index. */
export const head = {
  format: 0,
  /** Words with head and tables. */
  words: 1,
  /** Where the tables begin: buffers, functions, pages of text. */
  tables: 2,
  buffers: 3,
  outOfBandBuffers: 4,
  functions: 5,
  pages: 6,
  /** Characters of the shapes' text, at the beginning of the first page. */
  shapesLength: 7,
  /** Packed objects, in front of the value itself. */
  packed: 8,
  size: 10,
} as const;

/** The first word of every encoded value; changes with the format. */
export const format = 0x31_76_66_6d;

/** Words of one row in the table of buffers. */
export const bufferRow = { kind: 0, start: 2, length: 4, maxLength: 6, size: 8 } as const;
export const bufferKinds = { inline: 1, resizable: 2 } as const;
