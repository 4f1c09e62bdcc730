/** Prints the stack of a task's error. */

import { isMain } from 'mpi-futures';
import { PoolExecutor } from './executor.mjs';

if (isMain) {
  const pool = new PoolExecutor();
  const fails = () => {
    throw new Error('to be seen');
  };
  console.log(await pool.submit(fails).catch(({ stack }) => stack));
  await pool.shutdown();
}
