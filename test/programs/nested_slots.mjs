/** Prints how a task fails whose pool finds no free slot. */

import { PoolExecutor, isMain } from 'mpi-futures';
import { add } from './tasks.mjs';

if (isMain) {
  const pool = new PoolExecutor({ maxWorkers: 2 });
  const nested = () => new PoolExecutor({ maxWorkers: 1 }).submit(add, 1, 2);
  const { code, message } = await pool.submit(nested).exception();
  console.log(code, message);
  await pool.shutdown();
}
