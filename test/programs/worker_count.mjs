/** How many workers a pool has that is not told how many: its number, or why it has none. */

import { PoolExecutor, isMain } from 'mpi-futures';

if (isMain) {
  const pool = new PoolExecutor();
  try {
    await pool.bootup();
    console.log(`${pool.numWorkers} workers`);
    await pool.shutdown();
  } catch (error) {
    console.log(`${error.code}: ${error.message}`);
  }
}
