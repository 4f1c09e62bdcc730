/**
 * Prints how starting a pool failed. No time-out takes part: a failure that goes unseen is waited for without end. Argument: the
 * program of the workers.
 */

import { PoolExecutor, isMain } from 'mpi-futures';
import { identity } from './tasks.mjs';

if (isMain) {
  const [execPath] = process.argv.slice(2);
  const pool = new PoolExecutor({ maxWorkers: 2, bootTimeout: Infinity, execPath });
  const error = await pool.submit(identity, 1).exception();
  console.log(`${error?.code}: ${error?.message}`);
}
