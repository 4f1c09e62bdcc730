/** Integers that are too long for a word, as text. */

import { damaged } from './damage.js';

export function digitsOf(value: bigint): string {
  return value < 0n ? `-${(-value).toString(16)}` : value.toString(16);
}

export function bigintOf(digits: string): bigint {
  if (!/^-?[\da-f]+$/.test(digits)) throw damaged('a bigint is none');
  return digits.startsWith('-') ? -BigInt(`0x${digits.slice(1)}`) : BigInt(`0x${digits}`);
}
