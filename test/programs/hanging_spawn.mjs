/** Spawns what is no worker: MPI waits for it to start MPI. */

import { PoolExecutor, isMain } from 'mpi-futures';
import { identity } from './tasks.mjs';

if (isMain) {
  const pool = new PoolExecutor({ maxWorkers: 1, execPath: '/bin/true', bootTimeout: 1500 });
  console.log((await pool.submit(identity, 1).exception()).code);
  await pool.shutdown();
}
