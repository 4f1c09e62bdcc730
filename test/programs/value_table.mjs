/** The table of values, from an ES module. */

import { isMain } from 'mpi-futures';
import { PoolExecutor } from './executor.mjs';
import checks from './values/check_table.cjs';

if (isMain) {
  const pool = new PoolExecutor();
  await checks.checkTable(pool);
  await pool.shutdown();
}
