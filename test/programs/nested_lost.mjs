/**
 * A task has a pool of its own, whose worker is killed, and leaves it open. Arguments: how the program ends; and whether tasks before
 * that have shut down such pools.
 */
import { PoolExecutor, isMain } from 'mpi-futures';
import { die } from './dying.mjs';

async function lose(shutDown) {
  const pool = new PoolExecutor({ maxWorkers: 1 });
  const { name } = await pool.submit(die).exception();
  if (shutDown) await pool.shutdown();
  return name;
}

if (isMain) {
  const pool = new PoolExecutor({ maxWorkers: 1 });
  const [, , end, before] = process.argv;
  for (const shutDown of before ? [true, true, false] : [false])
    console.log(await pool.submit(lose, shutDown));
  if (end === 'by shutdown') await pool.shutdown();
  console.log('over');
}
