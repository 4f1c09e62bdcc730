/**
 * Has the process that runs a task of it killed in the middle of that task, by the test, and prints what becomes of the futures.
 * Argument: `worker` if it is to be the parent of that process.
 */

import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PoolExecutor, isMain } from 'mpi-futures';
import { until } from './dying.mjs';
import { busy } from './tasks.mjs';

export function work(victim, file) {
  if (process.pid === victim) writeFileSync(file, '');
  return busy(process.pid === victim ? 600_000 : 20);
}

if (isMain) {
  const pool = await new PoolExecutor().bootup();
  const [victim, parent] = await pool.submit(() => [process.pid, process.ppid]);
  const file = join(tmpdir(), `mpi-futures-lost-worker-${process.pid}`);
  const futures = Array.from({ length: 4 }, () => pool.submit(work, victim, file));
  await until(() => existsSync(file));
  rmSync(file);
  console.log(`kill ${process.argv[2] === 'worker' ? parent : victim}`);
  for (const { reason } of await Promise.allSettled(futures))
    console.log(reason === undefined ? 'done' : String(reason));
  const { submitted, done, failed, lost } = pool.stats();
  console.log(JSON.stringify({ submitted, done, failed, lost }));
}
