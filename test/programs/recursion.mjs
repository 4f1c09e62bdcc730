/** Forgets the guard, in the way that is asked for. A file that counts the masters ends what does not end by itself. */

import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { PoolExecutor } from './executor.mjs';

const exponent = 2;

/** Uses something of this module, which workers import for it. */
function square(x) {
  return x ** exponent;
}

const [, , way, file] = process.argv;
appendFileSync(file, '.');
if (readFileSync(file).length > 8) process.exit(1);

async function main() {
  if (way === 'later') await pause(20);
  console.log(await new PoolExecutor({ maxWorkers: 1 }).submit(square, 3));
  if (way === 'later') await pause(2000); // the task is done, and the worker goes on importing
}

if (way === 'while it is imported') await main();
else void main();
