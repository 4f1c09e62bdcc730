/** The tasks that every pool for Node.js is given. piscina and tinypool load this module, workerpool by its own worker script. */

import { existsSync } from 'node:fs';

export function nothing() {}

/** Gives back what it gets. */
export function echo(value) {
  return value;
}

/** Takes an array, and gives back a small value: the way there alone counts. */
export function take(array) {
  return array.length;
}

/** A fixed amount of arithmetic, not of time: what else runs on the cores meanwhile makes it longer, as it makes real work. */
export function work(rounds) {
  let x = 1;
  for (let i = 0; i < rounds; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0;
  return x & 1;
}

/** Keeps its worker busy until the file is there; for 30 s at most. */
export function waitFor(file) {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let i = 0; i < 10_000 && !existsSync(file); i++) Atomics.wait(pause, 0, 0, 3);
}

export function processId() {
  return process.pid;
}

/** Waits for ever, and lets its worker do other things meanwhile. */
export function never() {
  return new Promise(() => undefined);
}

export function square(x) {
  return x * x;
}

export function cpuUsage() {
  return process.cpuUsage();
}
