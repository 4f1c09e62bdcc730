/**
 * Tasks that never end, on workers that cannot be ended alone: the executor ends, and so does the program. Argument: by which method.
 */

import assert from 'node:assert/strict';
import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import { add } from './tasks.mjs';

function forEver() {
  for (;;);
}

if (isMain) {
  const pool = await new PoolExecutor().bootup();

  await check('a task that is cancelled with kill holds its worker, and no other', async () => {
    const warned = new Promise((resolve) => process.once('warning', resolve));
    assert.equal(await pool.submit(add, 1, 2), 3);
    const stuck = pool.submit(forEver);
    while (!stuck.running()) await new Promise(setImmediate);
    assert.equal(stuck.cancel({ kill: true, killAfter: 0 }), true);
    await assert.rejects(stuck, { code: 'ERR_CANCELLED' });
    assert.equal((await warned).code, 'MPI_FUTURES_CANNOT_KILL');
    assert.equal(await pool.submit(add, 1, 2), 3);
  });

  const ends = {
    killWorkers: () => pool.killWorkers(),
    terminateWorkers: () => pool.terminateWorkers(),
    shutdown: () => pool.shutdown({ cancelFutures: true, killAfter: 0 }),
  };

  await check('the executor ends though its tasks never would', async () => {
    const stuck = Array.from({ length: 5 }, () => pool.submit(forEver));
    while (!stuck[0].running()) await new Promise(setImmediate);
    await ends[process.argv[2]]();
    for (const future of stuck)
      assert.match((await future.exception().catch((error) => error)).code, /LOST|CANCELLED/);
  });
}
