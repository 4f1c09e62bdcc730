/** Pools one after another, each of which needs all slots. */

import { PoolExecutor, isMain } from 'mpi-futures';
import { identity } from './tasks.mjs';

if (isMain) {
  for (const round of [1, 2, 3]) {
    const pool = new PoolExecutor({ maxWorkers: 2 });
    console.log(await pool.submit(identity, round));
    await pool.shutdown();
  }
}
