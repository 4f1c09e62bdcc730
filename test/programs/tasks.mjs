/** Tasks that the programs submit, reached by workers through this module and not through the program. */

import { setTimeout as pause } from 'node:timers/promises';

export class MeltdownError extends Error {
  name = 'MeltdownError';

  constructor(message, temperature) {
    super(message);
    this.temperature = temperature;
  }
}

export function identity(value) {
  return value;
}

export function nothing() {}

export function add(a, b) {
  return a + b;
}

export function pid() {
  return process.pid;
}

export function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

export async function later(value, milliseconds) {
  await pause(milliseconds);
  return value;
}

/** Computes without giving way to anything else. */
export function busy(milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
  return milliseconds;
}

export function throwTypeError(message) {
  throw new TypeError(message);
}

export function throwMeltdown(message, temperature) {
  throw new MeltdownError(message, temperature);
}

export async function rejectLater(message) {
  await pause(1);
  throw new RangeError(message);
}

export function throwIfOdd(number) {
  if (number % 2 === 1) throw new RangeError(`${number} is odd`);
  return number;
}

export function throwWithCause() {
  throw new Error('outer', { cause: new SyntaxError('inner') });
}

export function throwText() {
  throw 'only text';
}

export function returnSymbol() {
  return Symbol('cannot travel');
}

/** Two views on one buffer: a change through one is seen through the other. */
export function isShared([first, second]) {
  first[0] = 42;
  return second[0] === 42;
}
