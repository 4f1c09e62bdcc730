/** The contents of arrays: packed where all elements are numbers, sparse where most are missing. */

import { codes, codeWord, elements } from './codes.js';
import type { Encoder } from './encoder.js';
import { keysBesideElements } from './own_properties.js';
import { Column } from './shapes.js';

const holeWord = codeWord(codes.hole);
const sparseWord = codeWord(codes.sparse);
const block = 1 << 12;

/** Writes [form of the elements][length][elements][properties]. */
export function writeArray(out: Encoder, object: readonly unknown[]): void {
  const array = out.knowledge.asRead(object);
  const { length } = array;
  if (typeof array[0] !== 'number' || !writeNumbers(out, array)) writeElements(out, array);
  out.properties(array, keysBesideElements(array, length));
}

function writeElements(out: Encoder, array: readonly unknown[]): void {
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

/** Writes a list of indices and elements, from `first` on. */
function writeSparse(out: Encoder, array: readonly unknown[], first: number): void {
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

/** Writes the elements if all are numbers; else nothing, and returns false. */
function writeNumbers(out: Encoder, array: readonly unknown[]): boolean {
  const start = out.at;
  if (writeIntegers(out, array) || writeDoubles(out, array)) return true;
  out.at = start;
  return false;
}

function writeIntegers(out: Encoder, array: readonly unknown[]): boolean {
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
      const element = array[index] as number;
      if ((element | 0) !== element || (element === 0 && 1 / element < 0)) {
        out.at = start;
        return false;
      }
      words[at++] = element;
    }
    out.at = at;
  }
  return true;
}

function writeDoubles(out: Encoder, array: readonly unknown[]): boolean {
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
