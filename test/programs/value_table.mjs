/** The table of values, from an ES module. */

import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import checks from './values/check_table.cjs';

if (isMain) {
  const pool = new PoolExecutor();
  await checks.checkTable(pool, check);
  await pool.shutdown();
}
