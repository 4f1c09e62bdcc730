/**
 * Arrays and `arguments`. Elements that are all numbers are packed; if most elements are missing, only the others are
 * written. The drivers write and read plain arrays without using the table.
 */

import { types } from 'node:util';

import { codes, codeWord, elements } from '../wire/codes.js';
import { damaged } from '../wire/damage.js';
import { keysBesideElements } from '../own_properties.js';
import { Column } from '../wire/shapes.js';
import { cutOff } from '../wire/word_reader.js';
import { defineKind } from './define_kind.js';
import type { JsonValueWriter, ValueReader, ValueWriter } from './kind.js';

/** Arrays, and instances of classes that extend Array. */
export const array = defineKind<unknown[]>({
  code: codes.array,
  classes: ['Array'],
  hasSlots: Array.isArray,
  readHead: () => [],
  content: 'always',
  inline: true,
  hasElements: true,
  writeContent: writeArray,
  readContent: readArray,
  json: { prototype: Array.prototype, write: jsonOfArray },
});

/** The `arguments` of a function, received as an object of the same kind. */
export const argumentsObject = defineKind({
  code: codes.arguments,
  hasSlots: types.isArgumentsObject,
  classOf: () => undefined,
  readHead: createArguments,
  content: 'always',
  writeContent(out, object) {
    writeArray(out, Array.prototype.slice.call(object));
  },
  readContent(input, object) {
    const values: unknown[] = [];
    readElements(input, values);
    Object.assign(object, values);
    (object as { length: number }).length = values.length;
    input.properties(object);
  },
});

function createArguments(): object {
  return (function () {
    // eslint-disable-next-line prefer-rest-params -- it is to be such an object
    return arguments;
  })();
}

const holeWord = codeWord(codes.hole);
const sparseWord = codeWord(codes.sparse);
const block = 1 << 12;
const longest = 2 ** 32 - 1;
/**
 * The largest length that is set at once: V8 turns an array into a dictionary if its length grows further in one step.
 */
const longestAtOnce = 1 << 24;

/** Writes [form of the elements][length][elements][properties]. */
export function writeArray(out: ValueWriter, object: readonly unknown[]): void {
  const array = out.memo.asRead(object);
  const { length } = array;
  if (typeof array[0] !== 'number' || !writeNumbers(out, array)) writeElements(out, array);
  out.properties(array, keysBesideElements(array, length));
}

/** Reads what {@link writeArray} wrote into the empty `array`. */
export function readArray(input: ValueReader, array: unknown[]): void {
  readElements(input, array);
  input.properties(array);
}

/** Reads [form of the elements][length][elements] into the empty `array`. */
function readElements(input: ValueReader, array: unknown[]): void {
  const form = input.word();
  const length = input.size();
  if (form === elements.integers) readIntegers(input, array, length);
  else if (form === elements.doubles) readDoubles(input, array, length);
  else if (form === elements.any) readAny(input, array, length);
  else throw damaged('the form of an array is invalid');
}

function writeElements(out: ValueWriter, array: readonly unknown[]): void {
  const { length } = array;
  out.word(elements.any);
  out.number(length);
  const column = new Column();
  let holes = 0;
  for (let index = 0; index < length; index++) {
    const element = array[index];
    if (element === undefined && !Object.hasOwn(array, index)) {
      out.word(holeWord);
      if (++holes > 64 + (index >> 1)) {
        writeSparse(out, array, index + 1);
        return;
      }
    } else {
      out.value(element, column);
    }
  }
}

function readAny(input: ValueReader, array: unknown[], length: number): void {
  if (length > longest) throw damaged('an array is too long');
  if (length <= longestAtOnce && length <= input.left) array.length = length;
  // A dictionary before it is long: else memory is reserved for all elements.
  else if (length > input.left) array.length = longest;
  for (let index = 0; index < length; index++) {
    const word = input.words[input.at];
    if (word === holeWord) {
      input.word();
    } else if (word === sparseWord) {
      input.word();
      readSparse(input, array, length);
      break;
    } else array[index] = input.value();
  }
  array.length = length;
}

/** Writes a list of indices and elements, from `first` on. */
function writeSparse(out: ValueWriter, array: readonly unknown[], first: number): void {
  out.word(sparseWord);
  const countAt = out.at;
  out.word(0);
  let count = 0;
  for (const key of Object.keys(array)) {
    const index = Number(key);
    if (!(index >= first && index < array.length)) continue;
    out.number(index);
    out.value(array[index]);
    count++;
  }
  out.words[countAt] = count;
}

function readSparse(input: ValueReader, array: unknown[], length: number): void {
  const count = input.countOf(2);
  for (let number = 0; number < count; number++) {
    const index = input.size();
    if (index >= length) throw damaged('an element is past the end of its array');
    array[index] = input.value();
  }
}

/** Writes the elements if all are numbers; otherwise writes nothing and returns false. */
function writeNumbers(out: ValueWriter, array: readonly unknown[]): boolean {
  const start = out.at;
  if (writeIntegers(out, array) || writeDoubles(out, array)) return true;
  out.at = start;
  return false;
}

function writeIntegers(out: ValueWriter, array: readonly unknown[]): boolean {
  const start = out.at;
  const { length } = array;
  out.word(elements.integers);
  out.number(length);
  for (let from = 0; from < length; from += block) {
    const to = Math.min(length, from + block);
    out.reserve(block);
    const { words } = out;
    let { at } = out;
    for (let index = from; index < to; index++) {
      const element = array[index];
      // The type first: arithmetic with a bigint or a symbol throws, and that with an object calls its methods.
      if (
        typeof element !== 'number' ||
        (element | 0) !== element ||
        (element === 0 && 1 / element < 0)
      ) {
        out.at = start;
        return false;
      }
      words[at++] = element;
    }
    out.at = at;
  }
  return true;
}

function readIntegers(input: ValueReader, array: unknown[], length: number): void {
  if (length > input.left) throw cutOff();
  if (length <= longestAtOnce) array.length = length;
  const { words, at } = input;
  for (let index = 0; index < length; index++) array[index] = words[at + index];
  input.at = at + length;
}

function writeDoubles(out: ValueWriter, array: readonly unknown[]): boolean {
  const { length } = array;
  out.word(elements.doubles);
  out.number(length);
  out.alignToEven();
  for (let from = 0; from < length; from += block) {
    const to = Math.min(length, from + block);
    out.reserve(2 * block);
    const { floats } = out;
    const shift = (out.at >> 1) - from;
    for (let index = from; index < to; index++) {
      const element = array[index];
      if (typeof element !== 'number') return false;
      floats[shift + index] = element;
    }
    out.at += 2 * (to - from);
  }
  return true;
}

function readDoubles(input: ValueReader, array: unknown[], length: number): void {
  input.alignToEven();
  if (2 * length > input.left) throw cutOff();
  if (length <= longestAtOnce) array.length = length;
  const { floats } = input;
  const first = input.at >> 1;
  for (let index = 0; index < length; index++) array[index] = floats[first + index];
  input.at += 2 * length;
}

function jsonOfArray(out: JsonValueWriter, array: unknown[]): string | undefined {
  if (!Array.isArray(array)) return undefined;
  const { length } = array;
  if (out.isTooLong(length) || !hasOnlyElements(array, length)) return undefined;
  return out.elements(array, length, out.begin(array, undefined));
}

// Indices come first, so where the last key is the last index all of them are there, and nothing else.
function hasOnlyElements(array: readonly unknown[], length: number): boolean {
  const keys = Object.keys(array);
  return (
    keys.length === length &&
    (length === 0 || keys[length - 1] === String(length - 1)) &&
    Object.getOwnPropertySymbols(array).length === 0
  );
}
