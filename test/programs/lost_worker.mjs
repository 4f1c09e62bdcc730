/** Has a worker of its own killed in the middle of a task, by the test, and prints what becomes of the futures. */

import { PoolExecutor, isMain } from 'mpi-futures';
import { busy, pid } from './tasks.mjs';

export function work(victim) {
  return busy(process.pid === victim ? 600_000 : 20);
}

if (isMain) {
  const pool = await new PoolExecutor().bootup();
  const victim = await pool.submit(pid);
  const futures = Array.from({ length: 4 }, () => pool.submit(work, victim));
  console.log(`kill ${victim}`);
  for (const { reason } of await Promise.allSettled(futures)) console.log(reason?.name ?? 'done');
  const { submitted, done, failed, lost } = pool.stats();
  console.log(JSON.stringify({ submitted, done, failed, lost }));
}
