/** What tools hear of a worker that dies, and of the one in its place. Argument: `exits` if it is not to die by a signal. */

import assert from 'node:assert/strict';
import { subscribe } from 'node:diagnostics_channel';
import { hostname } from 'node:os';
import { isMain, taskInfo } from 'mpi-futures';
import { check } from './check.mjs';
import { die, soon } from './dying.mjs';
import { PoolExecutor } from './executor.mjs';

/** The rank among the workers, and the process, in which this runs. */
function ownPlace() {
  return { rank: taskInfo().worker, host: hostname(), pid: process.pid };
}

if (isMain) {
  const lost = [];
  subscribe('mpi-futures:worker:lost', (message) => lost.push(message));
  const pool = await new PoolExecutor(1).bootup();
  const place = await pool.submit(ownPlace);

  await check('mpi-futures:worker:lost tells which worker, and the error', async () => {
    const error = await pool.submit(die).exception();
    assert.equal(error.code, 'ERR_WORKER_LOST');
    await soon(() => lost.length > 0);
    const [{ error: told, ...where }, ...more] = lost;
    assert.deepEqual([where, more], [place, []]);
    assert.equal(told.code, 'ERR_WORKER_LOST');
  });

  await check('one has its place, and is not lost', async () => {
    const { rank } = await pool.submit(ownPlace);
    assert.equal(rank, place.rank);
    assert.equal(lost.length, 1);
  });

  await pool.shutdown();
}
