/** Tasks leave something behind that throws or exits when they have ended. */

import { isMain } from 'mpi-futures';
import { PoolExecutor } from './executor.mjs';
import { later } from './tasks.mjs';

if (isMain) {
  const pool = new PoolExecutor();
  await pool.submit(
    () =>
      void setTimeout(() => {
        throw new Error('thrown late');
      }, 10),
  );
  await pool.submit(
    () => void setTimeout(() => void Promise.reject(new Error('rejected late')), 10),
  );
  await pool.submit(() => void setTimeout(() => process.exit(9), 10));
  await Promise.all([1, 2, 3, 4].map((i) => pool.submit(later, i, 50)));
  console.log('all is well');
  await pool.shutdown();
}
