import { PoolExecutor, isMain } from 'mpi-futures';
import { add } from './tasks.mjs';

if (isMain) {
  const pool = new PoolExecutor();
  console.log('answer', await pool.submit(add, 40, 2));
  await pool.shutdown();
}
