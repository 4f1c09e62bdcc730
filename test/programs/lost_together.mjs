/** Loses a worker that others wait for, where the MPI was told to survive that. */

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { PoolExecutor, WorkerLostError, getCommWorkers, isMain } from 'mpi-futures';
import { check } from './check.mjs';

const notAccessible = { name: 'InvalidStateError', message: /communicator is not accessible/ };

async function waitForAll() {
  const workers = getCommWorkers();
  const half = await workers.dup();
  if (workers.rank === 1) {
    await sleep(200);
    process.kill(process.pid, 'SIGKILL');
  }
  const [first, second] = [workers.allgather(1), half.recv(1)];
  second.catch(() => undefined);
  await assert.rejects(first, { name: 'InvalidStateError' });
  return second;
}

async function size() {
  return getCommWorkers().size;
}

if (isMain) {
  const pool = await new PoolExecutor().bootup();
  const { numWorkers } = pool;

  await check(
    'what waits for a lost worker fails, in all that was made of the communicator',
    async () => {
      assert.equal(await pool.submit(size), numWorkers);
      const futures = Array.from({ length: numWorkers }, () => pool.submit(waitForAll));
      const reasons = (await Promise.allSettled(futures)).map(({ reason }) => reason);
      const lost = reasons.filter((reason) => reason instanceof WorkerLostError);
      assert.equal(lost.length, 1);
      for (const reason of reasons)
        if (reason !== lost[0])
          assert.throws(() => {
            throw reason;
          }, notAccessible);
    },
  );

  await check('the communicator is refused from then on, and all else goes on', async () => {
    await assert.rejects(pool.submit(size), notAccessible);
    assert.equal(await pool.submit((x) => x + 1, 1), 2);
  });

  await check('the pool is shut down like any other', async () => {
    await pool.shutdown();
  });
}
