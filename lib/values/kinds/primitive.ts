/**
 * Primitive values. The drivers write and read small integers, strings and null, and symbols have a file of their own.
 * This file has the values that need a code, and decides which primitive values are exact as JSON.
 */

import { codes, codeWord } from '../wire/codes.js';
import { damaged } from '../wire/damage.js';
import type { ValueReader, ValueWriter } from './kind.js';

const undefinedWord = codeWord(codes.undefined);
const trueWord = codeWord(codes.true);
const falseWord = codeWord(codes.false);
const bigint64Word = codeWord(codes.bigint64);
const bigintTextWord = codeWord(codes.bigintText);

/** Writes one word, which differs for true and false. */
export function writeBoolean(out: ValueWriter, value: boolean): void {
  out.word(value ? trueWord : falseWord);
}

/** Writes one word. */
export function writeUndefined(out: ValueWriter): void {
  out.word(undefinedWord);
}

/** Writes an int64, or text if the number is too large for that. */
export function writeBigint(out: ValueWriter, value: bigint): void {
  if (BigInt.asIntN(64, value) === value) {
    out.word(bigint64Word);
    out.bigint(value);
  } else {
    out.word(bigintTextWord);
    out.text(value < 0n ? `-${(-value).toString(16)}` : value.toString(16));
  }
}

/** Reads the primitive value of this code. */
export function readPrimitive(input: ValueReader, code: number): unknown {
  switch (code) {
    case codes.undefined:
      return undefined;
    case codes.null:
      return null;
    case codes.true:
      return true;
    case codes.false:
      return false;
    case codes.double:
      return input.double();
    case codes.bigint64:
      return input.bigint();
    case codes.bigintText:
      return bigintOf(input.text());
    case codes.longText:
      return input.longText();
    default:
      throw damaged(`unknown code ${code}`);
  }
}

function bigintOf(digits: string): bigint {
  if (!/^-?[\da-f]+$/.test(digits)) throw damaged('a bigint is invalid');
  return digits.startsWith('-') ? -BigInt(`0x${digits.slice(1)}`) : BigInt(`0x${digits}`);
}

/** Longer strings are cheaper in a page of texts. */
export const longestInJson = 4096;

// As it was before any task could replace it. It calls no toJSON of strings.
const { stringify } = JSON;

/** The JSON text of a primitive value; undefined where JSON does not keep it exactly. */
export function jsonOfPrimitive(value: unknown): string | undefined {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? String(value) : undefined;
    case 'string':
      return value.length <= longestInJson ? stringify(value) : undefined;
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      return value === null ? 'null' : undefined;
  }
}
