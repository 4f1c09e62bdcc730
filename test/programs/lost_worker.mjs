/** Kills one of its own workers in the middle of a task and prints what becomes of the futures. */

import { PoolExecutor, isMain } from 'mpi-futures';
import { busy, pid } from './tasks.mjs';

if (isMain) {
  const pool = await new PoolExecutor().bootup();
  const victim = await pool.submit(pid);
  const futures = Array.from({ length: 4 }, () => pool.submit(busy, 2000));
  process.kill(victim, 'SIGKILL');
  for (const { reason } of await Promise.allSettled(futures)) console.log(reason?.name ?? 'done');
  const { submitted, done, failed, lost } = pool.stats();
  console.log(JSON.stringify({ submitted, done, failed, lost }));
}
