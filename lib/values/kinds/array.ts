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
  writeElements(out, array, length);
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

/** Elements at the beginning of an array that were read. They are not read again, since they may be getters. */
interface BeginningRead {
  readonly numbers: ArrayLike<number>;
  /** The element behind these, which has another form; undefined also if the array is empty. */
  readonly next: unknown;
}

/** Writes the elements as numbers as long as they are, and what was read in the next form if one is not. */
function writeElements(out: ValueWriter, array: readonly unknown[], length: number): void {
  const start = out.at;
  let read: BeginningRead | undefined = { numbers: [], next: length === 0 ? undefined : array[0] };
  if (isInteger(read.next)) {
    read = writeIntegers(out, array, length, read.next);
    if (read === undefined) return;
    out.at = start;
  }
  if (typeof read.next === 'number') {
    read = writeDoubles(out, array, length, read.numbers, read.next);
    if (read === undefined) return;
    out.at = start;
  }
  writeAny(out, array, length, read);
}

function writeAny(
  out: ValueWriter,
  array: readonly unknown[],
  length: number,
  { numbers, next }: BeginningRead,
): void {
  const known = numbers.length;
  out.word(elements.any);
  out.number(length);
  const column = new Column();
  let holes = 0;
  for (let index = 0; index < length; index++) {
    const element = index > known ? array[index] : index < known ? numbers[index] : next;
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

// The type first: arithmetic with a bigint or a symbol throws, and that with an object calls its methods.
function isInteger(element: unknown): element is number {
  return (
    typeof element === 'number' && (element | 0) === element && (element !== 0 || 1 / element > 0)
  );
}

/** Writes the elements if all are integers, else returns those that are and the next one. */
function writeIntegers(
  out: ValueWriter,
  array: readonly unknown[],
  length: number,
  first: number,
): BeginningRead | undefined {
  out.word(elements.integers);
  out.number(length);
  const start = out.at;
  out.word(first);
  for (let from = 1; from < length; from += block) {
    const to = Math.min(length, from + block);
    out.reserve(block);
    const { words } = out;
    let { at } = out;
    for (let index = from; index < to; index++) {
      const element = array[index];
      if (!isInteger(element)) return { numbers: words.slice(start, at), next: element };
      words[at++] = element;
    }
    out.at = at;
  }
  return undefined;
}

function readIntegers(input: ValueReader, array: unknown[], length: number): void {
  if (length > input.left) throw cutOff();
  if (length <= longestAtOnce) array.length = length;
  const { words, at } = input;
  for (let index = 0; index < length; index++) array[index] = words[at + index];
  input.at = at + length;
}

/** Writes the elements if all are numbers, else returns those that are and the next one. */
function writeDoubles(
  out: ValueWriter,
  array: readonly unknown[],
  length: number,
  numbers: ArrayLike<number>,
  next: number,
): BeginningRead | undefined {
  out.word(elements.doubles);
  out.number(length);
  out.alignToEven();
  const start = out.at >> 1;
  const known = numbers.length + 1;
  out.reserve(2 * known);
  out.floats.set(numbers, start);
  out.floats[start + numbers.length] = next;
  out.at += 2 * known;
  for (let from = known; from < length; from += block) {
    const to = Math.min(length, from + block);
    out.reserve(2 * block);
    const { floats } = out;
    const shift = (out.at >> 1) - from;
    for (let index = from; index < to; index++) {
      const element = array[index];
      if (typeof element !== 'number')
        return { numbers: floats.slice(start, start + index), next: element };
      floats[shift + index] = element;
    }
    out.at += 2 * (to - from);
  }
  return undefined;
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
