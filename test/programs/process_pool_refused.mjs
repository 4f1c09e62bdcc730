/** Prints what becomes of spawned workers, and then of those of the launcher. */

import { PoolExecutor, ProcessPoolExecutor, isMain } from 'mpi-futures';
import { add } from './tasks.mjs';

if (isMain) {
  const { code, message } = await new ProcessPoolExecutor(1).submit(add, 1, 2).exception();
  console.log(code, message);
  console.log('shared:', await new PoolExecutor().submit(add, 1, 2));
}
