/** Prints, as JSON, how starting a pool failed and how long that took. */

import { PoolExecutor, isMain } from 'mpi-futures';
import { identity } from './tasks.mjs';

if (isMain) {
  const start = performance.now();
  const pool = new PoolExecutor({ maxWorkers: 2 });
  const error = await pool.submit(identity, 1).exception();
  const milliseconds = Math.round(performance.now() - start);
  console.log(JSON.stringify({ code: error?.code, message: error?.message, milliseconds }));
}
