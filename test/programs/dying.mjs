/** Tasks that end their workers, and what the programs that submit them have in common. */

import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { busy } from './tasks.mjs';

/** Ends its worker, as a crash would: by a signal, which MPICH survives under no circumstances, or without. */
export function die() {
  if (process.argv.includes('exits')) process.reallyExit(5);
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}

/** Ends its worker the first `deaths` times, which it counts in a file. */
export function dieAtFirst(file, deaths) {
  appendFileSync(file, 'x');
  if (readFileSync(file).length <= deaths) die();
  return readFileSync(file).length;
}

/** Notes in the file that it has run, or ends its worker. */
export function notedUnlessDeadly(file, value, deadly) {
  if (deadly) die();
  appendFileSync(file, `${value} `);
}

export function throwAndCount(file) {
  appendFileSync(file, 'x');
  throw new RangeError('thrown');
}

export function initialize(value) {
  globalThis.initialized = value;
}

export function initializedWith() {
  busy(20);
  return [process.pid, globalThis.initialized];
}

/** Until `condition` holds. */
export async function until(condition) {
  while (!condition()) await pause(10);
}

/** Until `condition` holds, or a minute is over, which a check then tells better than a program that hangs. */
export async function soon(condition) {
  for (const end = Date.now() + 60_000; !condition() && Date.now() < end;) await pause(10);
}

/** The processes that run tasks. */
export async function pidsOf(pool) {
  const pids = await Promise.all(Array.from({ length: 10 }, () => pool.submit(initializedWith)));
  return new Set(pids.map(([pid]) => pid));
}
