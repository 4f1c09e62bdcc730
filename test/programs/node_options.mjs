import { PoolExecutor, isMain } from 'mpi-futures';

if (isMain) {
  const pool = new PoolExecutor(1);
  console.log(await pool.submit(() => [process.title, process.env.NODE_OPTIONS].join()));
  await pool.shutdown();
}
