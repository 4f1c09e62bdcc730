/** Tasks that the programs submit, reached by workers through this module and not through the program. */

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { move } from 'mpi-futures';

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

/** Without a copy. */
export function movedOn(value) {
  return move(value);
}

export function nothing() {}

export function argumentsOf(...args) {
  return args;
}

export function add(a, b) {
  return a + b;
}

export function pid() {
  return process.pid;
}

/** Where this runs: which process, and which of its threads. */
export function place() {
  return `${process.pid}/${threadId}`;
}

/** How many kB of the C library's code somebody has written over in this process; only Linux tells. */
export function changedCode() {
  if (process.platform !== 'linux') return 0;
  const mappings = readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  const code = mappings.filter((text) => /^\S+ ..x. .*\/(libc[.-]|ld-musl)/.test(text));
  if (code.length === 0) throw new Error('no code of the C library is mapped');
  return sum(code.map((text) => Number(/^Private_Dirty: +(\d+) kB$/m.exec(text)[1])));
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

class SecretError extends RangeError {
  #secret = 1;

  get secret() {
    return this.#secret;
  }
}

export function throwSecret(message) {
  throw Object.assign(new SecretError(message), { where: 'here' });
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

/** Errors that are hard to describe, by name. */
const oddErrors = {
  'is called toString': () => Object.assign(new Error('odd'), { name: 'toString' }),
  'is called __proto__': () => Object.assign(new Error('odd'), { name: '__proto__' }),
  'throws when asked for its cause': () =>
    Object.defineProperty(new Error('odd'), 'cause', {
      get() {
        throw new Error('no cause');
      },
    }),
  'is its own cause': () => {
    const error = new Error('odd');
    error.cause = error;
    return error;
  },
  'consists of itself, three times': () => {
    const error = new AggregateError([], 'odd');
    error.errors = [error, error, error];
    return error;
  },
  'is frozen': () => Object.freeze(new Error('odd')),
  'has a function': () => Object.assign(new Error('odd'), { callback() {} }),
  'has a property that can be read once': () => {
    let reads = 0;
    const inner = {
      get value() {
        if (reads++ > 0) throw new Error('read before');
        return 1;
      },
    };
    return Object.assign(new Error('odd'), { inner });
  },
};

export const oddErrorNames = Object.keys(oddErrors);

export function throwOdd(name) {
  throw oddErrors[name]();
}

export function throwUndefined() {
  throw undefined;
}

export function throwProxy() {
  const refuse = () => {
    throw new Error('do not touch');
  };
  throw new Proxy(new Error('odd'), { get: refuse, ownKeys: refuse, getPrototypeOf: refuse });
}

export function remember(bytes) {
  globalThis.remembered = bytes.byteLength;
}

export function recall(bytes) {
  return [globalThis.remembered, bytes.byteLength];
}

const memory = [];

/** Is remembered by the worker that ran it. */
export function remembered(value) {
  memory.push(value);
}

export function recallAll() {
  return memory;
}

/** Notes in a file that it runs, and then is `held`. */
export function noted(file, gate, value) {
  appendFileSync(file, `${value} `);
  held(gate);
}

/** Returns when the file is there, such as that of gate.mjs; at once without one. */
export async function passed(file) {
  while (file !== null && !existsSync(file)) await pause(5);
  return file;
}

/** The same, without giving way to anything else. */
export function held(file) {
  while (file !== null && !existsSync(file));
  return file;
}
