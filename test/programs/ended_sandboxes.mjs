/** Isolated workers, in any layout, whose tasks never end: the executor ends. Argument: by which method. */

import assert from 'node:assert/strict';
import { PoolExecutor, isMain } from 'mpi-futures';
import { tellBegun, whenBegun } from './begun.mjs';
import { check } from './check.mjs';

const ends = {
  killWorkers: (pool) => pool.killWorkers(),
  terminateWorkers: (pool) => pool.terminateWorkers(),
  shutdown: (pool) => pool.shutdown({ cancelFutures: true, killAfter: 20 }),
};

function forEver(file) {
  tellBegun(file);
  for (;;);
}

if (isMain) {
  const pool = await new PoolExecutor().bootup();

  await check('the executor ends though its tasks never would', async () => {
    const running = [];
    for (let i = 0; i < pool.numWorkers; i++)
      running.push(...(await whenBegun((file) => pool.submit(forEver, file))));
    const waiting = Array.from({ length: 10 }, () => pool.submit(forEver));
    await ends[process.argv[2]](pool);
    for (const future of running) await assert.rejects(future, { code: 'ERR_WORKER_LOST' });
    for (const future of waiting) await assert.rejects(future, { code: 'ERR_CANCELLED' });
    assert.throws(() => pool.submit(forEver), { code: 'ERR_EXECUTOR_SHUTDOWN' });
  });
}
