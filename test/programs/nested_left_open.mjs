/**
 * A task leaves a pool of its own open: it ends with the process of the task, also where it is `busy` without end. Or a call
 * of MPI fails from then on (test/native/guard.c): in the process of the task, or in that of its pool.
 */
import { PoolExecutor, isMain } from 'mpi-futures';
import { add } from './tasks.mjs';

function setFault(fault) {
  process.env.MPI_FUTURES_TEST_FAULT = fault;
}

function endless() {
  for (;;);
}

async function leavesOpen(what, where) {
  globalThis.pool = new PoolExecutor({ maxWorkers: 1 });
  const sum = await globalThis.pool.submit(add, 1, 2);
  if (what === 'busy') globalThis.pool.submit(endless).catch(() => {});
  if (where === 'task') setFault(what);
  if (where === 'pool') await globalThis.pool.submit(setFault, what);
  return sum;
}

if (isMain) {
  const [, , what, where] = process.argv;
  const pool = new PoolExecutor({ maxWorkers: 1 });
  console.log(await pool.submit(leavesOpen, what, where));
  await pool.shutdown();
  console.log('over');
}
