/** Has its worker killed, by the test, while large buffers travel to and from it all the time. */

import { PoolExecutor, isMain } from 'mpi-futures';
import { identity, pid } from './tasks.mjs';

if (isMain) {
  const pool = new PoolExecutor({ maxWorkers: 1 });
  const victim = await pool.submit(pid);
  const bytes = new Uint8Array(64 << 20);
  const untilLost = async () => {
    for (;;) await pool.submit(identity, bytes);
  };
  const ends = Array.from({ length: 4 }, untilLost);
  await pool.submit(identity, bytes);
  console.log(`kill ${victim}`);
  for (const { reason } of await Promise.allSettled(ends)) console.log(reason.code);
  await pool.shutdown();
  console.log('shut down');
}
