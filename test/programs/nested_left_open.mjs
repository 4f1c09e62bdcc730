/** A task leaves a pool of its own open: it ends with the process of the task. */
import { PoolExecutor, isMain } from 'mpi-futures';
import { add } from './tasks.mjs';

function leavesOpen() {
  globalThis.pool = new PoolExecutor({ maxWorkers: 1 });
  return globalThis.pool.submit(add, 1, 2);
}

if (isMain) {
  const pool = new PoolExecutor({ maxWorkers: 1 });
  console.log(await pool.submit(leavesOpen));
  await pool.shutdown();
  console.log('over');
}
