/** Cancelling: which tasks still can be, and which callbacks are told. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isMain, wait } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import { withGate } from './gate.mjs';
import * as tasks from './tasks.mjs';

const states = (futures) => new Set(futures.map(({ state }) => state));

/**
 * For each worker a task that waits for a gate, and in the same messages behind it others of the same function, which is known
 * as short: so they are sent, and have not begun. Gives the futures, and the function that opens the gate.
 */
async function sentAhead(pool, file, signal) {
  const others = pool.with({ signal });
  for (let round = 0; ; round++) {
    const gate = `${file}-${round}`;
    const open = () => writeFileSync(gate, '');
    await Promise.all(Array.from({ length: 500 }, () => pool.submit(tasks.noted, file, null, -1)));
    const futures = Array.from({ length: 20 * pool.numWorkers }, (_, i) =>
      i % 20 === 0
        ? pool.submit(tasks.noted, file, gate, i)
        : others.submit(tasks.noted, file, null, i),
    );
    await new Promise(setImmediate);
    if (futures.filter(({ state }) => state === 'pending').length > pool.stats().queued)
      return { futures, open };
    open();
    await Promise.all(futures); // and once more: the scheduler took them for long ones
  }
}

if (isMain) {
  const pool = await new PoolExecutor().bootup();

  // mpi4py: `cancel()` is false exactly while the task runs
  // test_futures.py: Executor submit_cancel
  await check('the last of many queued tasks can be cancelled', async () => {
    const futures = Array.from({ length: 100 }, () => pool.submit(tasks.busy, 1));
    const last = futures.pop();
    assert.equal(last.cancel('not needed'), true);
    assert.equal(last.cancelled(), true);
    await assert.rejects(last, { name: 'CancelledError', cause: 'not needed' });
    await Promise.all(futures);
  });

  // mpi4py: `cancel()` is false exactly while the task runs
  await check('a task that runs cannot be cancelled', async () => {
    await withGate(async (gate, open) => {
      const all = Array.from({ length: 20 }, () => pool.submit(tasks.passed, gate));
      while (!all.some((future) => future.running())) await new Promise(setImmediate);
      const running = all.filter((future) => future.running());
      assert.deepEqual(running.map((future) => future.cancel()), running.map(() => false)); // prettier-ignore
      open();
      assert.equal(await running[0], gate);
      assert.equal(running[0].cancel(), false);
      await Promise.all(all);
    });
  });

  await check('a cancelled task does not run', async () => {
    const futures = Array.from({ length: 200 }, (_, i) => pool.submit(tasks.remembered, i));
    for (const future of futures.slice(100)) assert.equal(future.cancel(), true);
    await Promise.allSettled(futures);
    const ran = await Promise.all(Array.from({ length: 8 }, () => pool.submit(tasks.recallAll)));
    const numbers = ran.flat();
    assert.ok(numbers.length > 0);
    assert.deepEqual(numbers.filter((i) => i >= 100), []); // prettier-ignore
  });

  await check(
    'a task that was sent and has not begun can be cancelled, and does not run',
    async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'));
      const controller = new AbortController();
      const ways = [
        (pool, futures) => futures.forEach((future) => future.cancel('why')),
        () => controller.abort('why'),
        (pool) => void pool.shutdown({ cancelFutures: true }),
      ];
      for (const [way, cancel] of ways.entries()) {
        const pool = await new PoolExecutor({ maxWorkers: 2 }).bootup();
        const file = path.join(folder, String(way));
        const signal = way === 1 ? controller.signal : undefined;
        const { futures, open } = await sentAhead(pool, file, signal);
        try {
          const before = pool.stats().running;
          cancel(pool, futures);
          assert.ok(pool.stats().running < before, 'none of those that were sent');
          // Those that wait for the gate were submitted without the signal.
          assert.ok(futures.every(({ state }, i) => state !== 'pending' || i % 20 === 0));
        } finally {
          open();
        }
        await Promise.allSettled(futures);
        const numbers = readFileSync(file, 'utf8').trim().split(' ').map(Number);
        const ran = numbers.slice(numbers.lastIndexOf(-1) + 1).sort((a, b) => a - b);
        const notCancelled = [...futures.keys()].filter((i) => !futures[i].cancelled());
        assert.deepEqual(ran, notCancelled);
        await pool.shutdown();
      }
      rmSync(folder, { recursive: true });
    },
  );

  await check('a task behind a long one goes to a worker that has nothing', async () => {
    const short = () => pool.submit(tasks.held, null);
    await Promise.all(Array.from({ length: 500 }, short));
    await withGate(async (gate, open) => {
      const long = pool.submit(tasks.held, gate);
      const { notDone } = await wait(Array.from({ length: 50 }, short), { timeout: 60_000 });
      assert.equal(notDone.size, 0);
      open();
      await long;
    });
  });

  await check('cancelling in the middle of a queue leaves the others in order', async () => {
    const futures = Array.from({ length: 200 }, (_, i) => pool.submit(tasks.identity, i));
    const kept = futures.filter((future, i) => i % 3 !== 1 || !future.cancel());
    assert.deepEqual(
      await Promise.all(kept),
      Array.from({ length: 200 }, (_, i) => i).filter((i) => i % 3 !== 1),
    );
  });

  await check('a future cancelled before the pool has started', async () => {
    const pool = new PoolExecutor();
    const futures = [pool.submit(tasks.add, 1, 1), pool.submit(tasks.add, 2, 2)];
    assert.equal(futures[0].cancel(), true);
    assert.equal(await futures[1], 4);
    await pool.shutdown();
    await assert.rejects(futures[0], { name: 'CancelledError' });
  });

  // test_futures.py: Shutdown submit_shutdown_cancel
  await check('shutdown without cancelFutures cancels nothing', async () => {
    const other = await new PoolExecutor().bootup();
    const futures = Array.from({ length: 50 }, () => other.submit(tasks.busy, 1));
    await other.shutdown({ wait: false });
    assert.equal(futures.at(-1).cancelled(), false);
    await other.shutdown();
    assert.deepEqual(states(futures), new Set(['fulfilled']));
  });

  // test_futures.py: Shutdown submit_shutdown_cancel
  await check('a later shutdown with cancelFutures cancels what is queued', async () => {
    const other = await new PoolExecutor().bootup();
    const futures = Array.from({ length: 200 }, () => other.submit(tasks.busy, 10));
    await other.shutdown({ wait: false });
    await other.shutdown({ cancelFutures: true });
    assert.equal(futures.at(-1).cancelled(), true);
    assert.ok(futures.every((future) => future.done()));
  });

  // mpi4py: `shutdown()` may be called again; `cancel_futures` cancels what has not started
  // test_futures.py: Shutdown submit_shutdown_cancel_wait
  await check('what shutdown has cancelled is done for wait', async () => {
    const other = await new PoolExecutor().bootup();
    const futures = Array.from({ length: 200 }, () => other.submit(tasks.busy, 10));
    await futures[0];
    const waiting = wait(futures);
    await other.shutdown({ wait: false, cancelFutures: true });
    const { done, notDone } = await waiting;
    assert.deepEqual([done.size, notDone.size], [200, 0]);
    assert.deepEqual(states(futures), new Set(['fulfilled', 'cancelled']));
    assert.equal(futures[0].state, 'fulfilled');
    assert.equal(futures.at(-1).state, 'cancelled');
    await other.shutdown();
  });

  // mpi4py: `shutdown()` may be called again; `cancel_futures` cancels what has not started
  // test_futures.py: Shutdown shutdown_cancel
  await check('shutdown in all combinations, again and again', async () => {
    for (const wait of [true, false]) {
      for (const cancelFutures of [true, false]) {
        const pool = new PoolExecutor({ maxWorkers: 1 });
        const future = pool.submit(tasks.identity, 1);
        await pool.shutdown({ wait, cancelFutures });
        await pool.shutdown({ wait: false, cancelFutures: !cancelFutures });
        await pool.shutdown();
        assert.equal(future.done(), true);
      }
    }
  });

  // mpi4py: closing the iterator cancels the rest
  await check('leaving a map cancels what is queued, and the pool goes on', async () => {
    const before = pool.stats().cancelled;
    for await (const time of pool.map(tasks.busy, Array(1000).fill(1))) {
      assert.equal(time, 1);
      break;
    }
    assert.ok(pool.stats().cancelled > before);
    assert.equal(await pool.submit(tasks.add, 1, 2), 3);
  });

  // mpi4py: `signal` for a map
  await check('a signal ends a map with its reason and cancels what is queued', async () => {
    const before = pool.stats().cancelled;
    const controller = new AbortController();
    const results = pool.map(tasks.busy, Array(1000).fill(1), { signal: controller.signal });
    await results.next();
    controller.abort(new Error('enough'));
    await assert.rejects(results.toArray(), { message: 'enough' });
    assert.ok(pool.stats().cancelled > before);
  });

  await pool.shutdown();
}
