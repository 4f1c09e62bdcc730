/** Spawned workers besides those of the launcher. */

import assert from 'node:assert/strict';
import { PoolExecutor, ProcessPoolExecutor, ThreadPoolExecutor, isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { add, later, pid } from './tasks.mjs';

const pidsOf = async (pool) =>
  new Set(await Promise.all(Array.from({ length: 20 }, () => pool.submit(pid))));

if (isMain) {
  const shared = await new PoolExecutor().bootup();
  const spawned = new ProcessPoolExecutor({ maxWorkers: 2 });
  const threads = new ThreadPoolExecutor({ maxWorkers: 1 });

  // mpi4py: `ProcessPoolExecutor` always spawns
  await check('it spawns workers of its own, which are no ranks of the launcher', async () => {
    const [those, these] = [await pidsOf(shared), await pidsOf(spawned)];
    assert.equal(spawned.numWorkers, 2);
    assert.ok(![...these].some((pid) => pid === process.pid || those.has(pid)));
  });

  await check('pools of all kinds work side by side', async () => {
    const pools = [shared, spawned, threads];
    const numbers = Array.from({ length: 500 }, (_, i) => i);
    const results = await Promise.all(
      pools.map((pool) => pool.map(add, numbers, numbers).toArray()),
    );
    for (const result of results)
      assert.deepEqual(
        result,
        numbers.map((i) => 2 * i),
      );
  });

  await check('when it is shut down the shared pool goes on', async () => {
    await spawned.shutdown();
    assert.equal(await shared.submit(add, 1, 2), 3);
    assert.equal(await threads.submit(add, 1, 2), 3);
  });

  await check('another one can follow', async () => {
    const next = new ProcessPoolExecutor(1);
    assert.equal(await next.submit(add, 3, 4), 7);
    void next.submit(later, 'forgotten', 10);
  });
}
