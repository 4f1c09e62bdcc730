/** A program that starts two workers, has each do nothing, and ends. */

import { PoolExecutor, isMain } from 'mpi-futures';
import { nothing } from './tasks.mjs';

if (isMain) {
  const pool = await new PoolExecutor({ maxWorkers: 2 }).bootup();
  await Promise.all([pool.submit(nothing), pool.submit(nothing)]);
  await pool.shutdown();
}
