/** A pool that a task has imports this module, which then starts another one. */

import { PoolExecutor as Nested, isMain } from 'mpi-futures';
import { PoolExecutor } from './executor.mjs';
import { add } from './tasks.mjs';

const scale = 2;

function ofThisModule(x) {
  return x * scale;
}

if (globalThis.isNested) void new Nested({ maxWorkers: 1 }).submit(add, 1, 2);

function startsAnother() {
  const pool = new Nested({ maxWorkers: 1, globals: { isNested: true } });
  return pool.submit(ofThisModule, 21);
}

if (isMain) {
  const pool = new PoolExecutor();
  console.log(await pool.submit(startsAnother));
}
