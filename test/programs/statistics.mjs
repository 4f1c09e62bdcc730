/** `stats()`: counts that add up at any time, and times. */

import assert from 'node:assert/strict';
import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import { withGate } from './gate.mjs';
import * as tasks from './tasks.mjs';

const counts = ({ submitted, queued, running, done, failed, cancelled, lost }) => ({
  submitted,
  queued,
  running,
  done,
  failed,
  cancelled,
  lost,
});

/** Each task is in one place, and every count is one. */
function addsUp(stats) {
  const { submitted, ...places } = counts(stats);
  const numbers = Object.values(places);
  assert.equal(submitted, numbers.reduce((sum, number) => sum + number, 0)); // prettier-ignore
  assert.ok([submitted, ...numbers].every((number) => Number.isInteger(number) && number >= 0));
}

if (isMain) {
  const none = { submitted: 0, queued: 0, running: 0, done: 0, failed: 0, cancelled: 0, lost: 0 };

  await check('everything is 0 before the first task', async () => {
    const pool = new PoolExecutor();
    const stats = pool.stats();
    assert.deepEqual(counts(stats), none);
    for (const { buckets, ...numbers } of [stats.waitTime, stats.runTime, stats.transferTime])
      assert.deepEqual([buckets, ...Object.values(numbers)], [[], 0, 0, 0, 0, 0, 0, 0, 0]);
    await pool.shutdown();
    assert.deepEqual(counts(pool.stats()), none);
  });

  const pool = new PoolExecutor();

  await check('tasks are queued until the workers are there', async () => {
    const futures = [pool.submit(tasks.add, 1, 2), pool.submit(tasks.add, 3, 4)];
    assert.deepEqual(counts(pool.stats()), { ...none, submitted: 2, queued: 2 });
    await Promise.all(futures);
    assert.deepEqual(counts(pool.stats()), { ...none, submitted: 2, done: 2 });
  });

  // mpi4py: `stats()`: counts and times
  await check('each task ends in one count', async () => {
    const before = pool.stats();
    const futures = [
      pool.submit(tasks.add, 1, 2),
      pool.submit(tasks.throwTypeError, 'on purpose'),
      pool.submit(tasks.identity, Symbol('cannot travel')),
      pool.submit(tasks.returnSymbol),
      pool.submit(tasks.later, 1, 1),
    ];
    const cancelled = pool.submit(tasks.add, 1, 2);
    cancelled.cancel();
    cancelled.cancel();
    await Promise.allSettled([...futures, cancelled]);
    const now = pool.stats();
    addsUp(now);
    const grown = Object.fromEntries(Object.entries(counts(now)).map(([name, count]) => [name, count - before[name]])); // prettier-ignore
    assert.deepEqual(grown, { ...none, submitted: 6, done: 2, failed: 3, cancelled: 1 });
  });

  await check('counts add up at any time', async () => {
    const futures = Array.from({ length: 3000 }, (_, i) => pool.submit(tasks.throwIfOdd, i));
    for (const future of futures.slice(2500)) future.cancel();
    addsUp(pool.stats());
    for (const future of futures) {
      await future.catch(() => undefined);
      addsUp(pool.stats());
    }
    const { queued, running } = pool.stats();
    assert.deepEqual([queued, running], [0, 0]);
  });

  await check('what a worker computes is running, what waits is queued', async () => {
    await withGate(async (gate, open) => {
      const futures = Array.from({ length: 40 }, () => pool.submit(tasks.passed, gate));
      while (pool.stats().running === 0) await new Promise(setImmediate);
      const { queued, running } = pool.stats();
      assert.ok(queued > 0, JSON.stringify({ queued, running }));
      open();
      await Promise.all(futures);
    });
  });

  // mpi4py: `stats()`: counts and times
  await check('times of tasks, in milliseconds', async () => {
    const timed = await new PoolExecutor().bootup();
    await Promise.all(Array.from({ length: 20 }, () => timed.submit(tasks.busy, 20)));
    const { waitTime, runTime, transferTime } = timed.stats();
    for (const { count, min, p50, p90, p99, p999, max, mean, buckets } of [waitTime, runTime, transferTime]) {
      assert.equal(count, 20);
      assert.ok(0 <= min && min <= p50 && p50 <= p90 && p90 <= p99 && p99 <= p999 && p999 <= max);
      assert.ok(min <= mean && mean <= max);
      assert.equal(buckets.reduce((sum, [, number]) => sum + number, 0), 20); // prettier-ignore
    } // prettier-ignore
    assert.ok(runTime.min >= 19.9, `${runTime.min}`);
    // The last tasks have waited for those in front of them.
    assert.ok(waitTime.max >= 60, `${waitTime.max}`);
    await timed.shutdown();
    assert.deepEqual(timed.stats().runTime, runTime);
  });

  await check('a chunk is one task', async () => {
    const before = pool.stats();
    await pool.map(tasks.identity, Array(100).fill(1), { chunkSize: 10 }).toArray();
    assert.equal(pool.stats().done - before.done, 10);
    assert.equal(pool.stats().runTime.count - before.runTime.count, 10);
  });

  await check('statistics are plain data', async () => {
    const stats = pool.stats();
    assert.deepEqual(JSON.parse(JSON.stringify(stats)), stats);
  });

  await check('executors have statistics of their own', async () => {
    const [first, second] = [new PoolExecutor(), new PoolExecutor({ maxWorkers: 1 })];
    await Promise.all([first.submit(tasks.nothing), first.submit(tasks.nothing), second.submit(tasks.nothing)]); // prettier-ignore
    assert.deepEqual([first.stats().done, second.stats().done], [2, 1]);
    await Promise.all([first.shutdown(), second.shutdown()]);
  });

  await check('a broken executor has failed what it had', async () => {
    const broken = new PoolExecutor({
      maxWorkers: 1,
      initializer: () => {
        throw new Error('no');
      },
    });
    const futures = Array.from({ length: 20 }, () => broken.submit(tasks.nothing));
    await Promise.allSettled(futures);
    addsUp(broken.stats());
    assert.deepEqual(counts(broken.stats()), { ...none, submitted: 20, failed: 20 });
    await broken.shutdown();
    assert.deepEqual(counts(broken.stats()), { ...none, submitted: 20, failed: 20 });
  });

  await check('shutdown with cancelFutures is seen', async () => {
    const stopped = await new PoolExecutor().bootup();
    const futures = Array.from({ length: 100 }, () => stopped.submit(tasks.busy, 5));
    await futures[0];
    await stopped.shutdown({ cancelFutures: true });
    const stats = stopped.stats();
    addsUp(stats);
    assert.ok(stats.cancelled > 0 && stats.done > 0 && stats.running + stats.queued === 0);
  });

  await pool.shutdown();
}
