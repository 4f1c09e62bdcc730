/** Reads what arrays_out.ts wrote. */

import { codes, codeWord, elements } from './codes.js';
import { damaged } from './damage.js';
import type { Decoder } from './decoder.js';
import { cutOff } from './word_reader.js';

const holeWord = codeWord(codes.hole);
const sparseWord = codeWord(codes.sparse);
const longest = 2 ** 32 - 1;
/** V8 makes a dictionary of an array that is given a greater length at once. */
const longestAtOnce = 1 << 24;

export function readArray(input: Decoder, array: unknown[]): void {
  readElements(input, array);
  input.properties(array);
}

/** Reads [form of the elements][length][elements] into the empty `array`. */
export function readElements(input: Decoder, array: unknown[]): void {
  const form = input.word();
  const length = input.size();
  if (form === elements.integers) readIntegers(input, array, length);
  else if (form === elements.doubles) readDoubles(input, array, length);
  else if (form === elements.any) readAny(input, array, length);
  else throw damaged('the form of an array is none');
}

function readIntegers(input: Decoder, array: unknown[], length: number): void {
  if (length > input.left) throw cutOff();
  if (length <= longestAtOnce) array.length = length;
  const { words, at } = input;
  for (let index = 0; index < length; index++) array[index] = words[at + index];
  input.at = at + length;
}

function readDoubles(input: Decoder, array: unknown[], length: number): void {
  input.alignToEven();
  if (2 * length > input.left) throw cutOff();
  if (length <= longestAtOnce) array.length = length;
  const { floats } = input;
  const first = input.at >> 1;
  for (let index = 0; index < length; index++) array[index] = floats[first + index];
  input.at += 2 * length;
}

function readAny(input: Decoder, array: unknown[], length: number): void {
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

function readSparse(input: Decoder, array: unknown[], length: number): void {
  const count = input.countOf(2);
  for (let number = 0; number < count; number++) {
    const index = input.size();
    if (index >= length) throw damaged('an element is behind the end of its array');
    array[index] = input.value();
  }
}
