/**
 * The words of an encoded value.
 *
 * A value begins with one 32-bit word. Its lowest bits show its meaning:
 *
 *     …………………………………1   a whole number of 31 bits
 *     ……………………………010   a text: bit 3: it has the next number of the repeated texts; from bit 4: its length
 *     ……………………………100   an object met before: from bit 3 its number
 *     ……………………………110   a text met before: from bit 3 its number
 *     ……………………………000   a code: bits 3–8; of an object also its variant, bits 9–10, whether it has properties
 *                       besides its content, bit 11, and an argument from bit 12
 *
 * Longer data follows the word, float64 and int64 at the next even index.
 */

/** Lowest bits of the word of a new text. */
export const tagText = 2;
/** Lowest bits of the word of an object met before. */
export const tagReference = 4;
/** Lowest bits of the word of a text met before. */
export const tagRepeatedText = 6;
/** The bits of those tags; 0 in the word of a code. A whole number may have any, with bit 0 set. */
export const tagMask = 7;

/** The codes of all other values. They are in messages and in golden.json: none may change. */
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
  /** In the elements of an array: from here on only the existing elements follow, each with its index. */
  sparse: 12,
  function: 13,
  bound: 14,

  object: 20,
  array: 21,
  arguments: 22,
  /** From 23 on: the other kinds of objects, each with the code in its file in kinds/. */
} as const;

/** The contents of plain objects, arrays and instances follow their heads at once up to this depth. */
export const mostInline = 32;

/** The prototype of an object. */
export const variants = {
  /** The object has the prototype of its kind. */
  usual: 0,
  /** A class follows. */
  ofClass: 1,
  /** The object has no prototype. */
  null: 2,
} as const;

/** The form in which the elements of an array are written. */
export const elements = { any: 0, integers: 1, doubles: 2 } as const;

/** Makes the word of a code. */
export function codeWord(code: number, variant = 0, hasProperties = false, argument = 0): number {
  return (code << 3) | (variant << 9) | (hasProperties ? 1 << 11 : 0) | (argument << 12);
}

/** Bits 3–8 of a word. */
export function codeOf(word: number): number {
  return (word >>> 3) & 63;
}

/** Bits 9 and 10 of a word: one of {@link variants}. */
export function variantOf(word: number): number {
  return (word >>> 9) & 3;
}

/** Bit 11 of a word: properties follow besides the content. */
export function hasProperties(word: number): boolean {
  return (word & (1 << 11)) !== 0;
}

/** The bits from 12 on: 20 of them. */
export function argumentOf(word: number): number {
  return word >>> 12;
}

/** The words at the head of every encoded value, by index. */
export const head = {
  format: 0,
  /** The number of words, with head and tables. */
  words: 1,
  /** The index at which the tables begin: buffers, functions, pages of text. */
  tables: 2,
  buffers: 3,
  outOfBandBuffers: 4,
  functions: 5,
  pages: 6,
  /** The number of characters in the text of the shapes, which begins the first page. */
  shapesLength: 7,
  /** The number of packed objects, which precede the value itself. */
  packed: 8,
  size: 10,
} as const;

/** The first word of every encoded value; changes with the format. */
export const format = 0x31_76_66_6d;

/** The words of one row in the table of buffers. */
export const bufferRow = { kind: 0, start: 2, length: 4, maxLength: 6, size: 8 } as const;
/** The bits of a buffer's kind: its content is inline; it can be resized. */
export const bufferKinds = { inline: 1, resizable: 2 } as const;
