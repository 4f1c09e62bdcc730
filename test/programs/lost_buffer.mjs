/** Kills a worker while large buffers travel to and from it. */

import { PoolExecutor, isMain } from 'mpi-futures';
import { identity, pid } from './tasks.mjs';

if (isMain) {
  const pool = new PoolExecutor({ maxWorkers: 1 });
  const victim = await pool.submit(pid);
  const bytes = new Uint8Array(64 << 20);
  const futures = Array.from({ length: 4 }, () => pool.submit(identity, bytes));
  await futures[0];
  process.kill(victim, 'SIGKILL');
  await Promise.allSettled(futures);
  await pool.shutdown();
  console.log('shut down');
}
