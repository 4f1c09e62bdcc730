/** Many executors: beside each other, one after the other, forgotten. */

import assert from 'node:assert/strict';
import v8 from 'node:v8';
import vm from 'node:vm';
import { collect, isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor, onThreads } from './executor.mjs';
import { isShared } from './layout.mjs';
import * as tasks from './tasks.mjs';
import { warningNamed } from './warnings.mjs';

v8.setFlagsFromString('--expose-gc');
const collectGarbage = vm.runInNewContext('gc');

/** Waits until the object of the weak reference has been collected. */
async function untilForgotten(reference) {
  while (reference.deref() !== undefined) {
    await new Promise(setImmediate);
    collectGarbage();
  }
}

if (isMain) {
  // Spawning workers for each executor is slow, so there are fewer executors then.
  const many = isShared ? 16 : 3;
  const executors = (count) =>
    Array.from({ length: count }, () => new PoolExecutor({ maxWorkers: 1 }));
  const shutDown = (pools) => Promise.all(pools.map((pool) => pool.shutdown()));

  // test_futures.py: Submit multiple_executors, shared_executors
  await check('16 executors with 128 interleaved tasks each', async () => {
    const pools = executors(many);
    const numbers = Array.from({ length: 128 }, (_, i) => i);
    const futures = numbers.flatMap((i) => pools.map((pool, n) => pool.submit(tasks.add, i, 1000 * n))); // prettier-ignore
    const expected = numbers.flatMap((i) => pools.map((_, n) => i + 1000 * n));
    assert.deepEqual(await collect(futures), expected);
    for (const pool of pools) assert.equal(pool.numWorkers, isShared ? 2 : 1);
    await shutDown(pools);
    for (const pool of pools) assert.equal(pool.numWorkers, 0);
  });

  // mpi4py: in a shared pool only the first executor's options reach the workers
  // mpi4py: an initializer of a second executor stops the others
  // test_futures.py: SharedPoolInit initializer_4
  await check('executors with initializers of their own, all at once', async () => {
    const pools = Array.from({ length: isShared ? 8 : 3 }, (_, n) => {
      const initializer = (n) => ((globalThis.executors ??= []).push(n), undefined);
      return new PoolExecutor({ maxWorkers: 1, initializer, initArgs: [n] });
    });
    const futures = pools.flatMap((pool, n) =>
      Array.from({ length: 3 + n }, () => pool.submit(() => [...globalThis.executors])),
    );
    const seen = await collect(futures);
    let at = 0;
    for (const [n] of pools.entries())
      for (let i = 0; i < 3 + n; i++) assert.ok(seen[at++].includes(n)); // prettier-ignore
    await shutDown(pools);
  });

  // mpi4py: `ThreadPoolExecutor` calls the initializer in its first thread only
  await check('an initializer runs on each worker before its first task', async () => {
    const initializer = () => {
      globalThis.initialized = (globalThis.initialized ?? 0) + 1;
    };
    const pool = new PoolExecutor({ maxWorkers: 2, initializer });
    const times = await pool.map(() => globalThis.initialized, Array(50).fill(0)).toArray();
    assert.deepEqual(times, Array(50).fill(1));
    await pool.shutdown();
  });

  await check('executors made and shut down many times', async () => {
    for (let i = 0; i < (isShared ? 200 : 3); i++) {
      const pool = new PoolExecutor({ maxWorkers: 1 });
      const future = pool.submit(tasks.add, i, 1);
      if (i % 2 === 0) await future;
      await pool.shutdown();
      assert.equal(await future, i + 1);
    }
  });

  // test_futures.py: Bootup bootup_nowait, _shutdown_nowait
  // test_futures.py: Shutdown init_bootup_shutdown
  await check('executors shut down before they have started', async () => {
    for (let i = 0; i < (isShared ? 20 : 2); i++) {
      const pool = new PoolExecutor({ maxWorkers: 1 });
      await pool.bootup({ wait: false });
      await pool.shutdown({ wait: false });
      assert.throws(() => pool.submit(tasks.nothing), { code: 'ERR_EXECUTOR_SHUTDOWN' });
      await assert.rejects(pool.bootup(), { code: 'ERR_EXECUTOR_SHUTDOWN' });
      await pool.shutdown();
    }
  });

  // test_futures.py: Bootup bootup_nowait_wait
  await check('bootup without waiting, then with', async () => {
    const pool = new PoolExecutor({ maxWorkers: 1 });
    assert.equal(await pool.bootup({ wait: false }), pool);
    assert.equal(await pool.bootup({ wait: true }), pool);
    assert.ok(pool.numWorkers > 0);
    await pool.shutdown();
  });

  // test_futures.py: Shutdown hang_issue12364
  await check('50 short tasks and shutdown right after', async () => {
    const pool = new PoolExecutor({ maxWorkers: 1 });
    const futures = Array.from({ length: 50 }, () => pool.submit(tasks.later, 1, 1));
    await pool.shutdown();
    assert.deepEqual(await collect(futures), Array(50).fill(1));
  });

  // mpi4py: `with` shuts down at the end: `await using`
  // test_futures.py: Shutdown context_manager_shutdown
  await check('asyncDispose, as at the end of an await using block, shuts down', async () => {
    const pool = new PoolExecutor({ maxWorkers: 1 });
    const inputs = [-5, 4, -3];
    const results = pool.map(Math.abs, inputs);
    await pool[Symbol.asyncDispose]();
    assert.deepEqual(await results.toArray(), [5, 4, 3]);
    assert.throws(() => pool.submit(tasks.nothing), { code: 'ERR_EXECUTOR_SHUTDOWN' });
  });

  // mpi4py: done callbacks run in the thread that sends tasks
  // mpi4py: `shutdown()` in a done callback: `RuntimeError`
  await check('done callbacks may use the pool, and shut it down', async () => {
    const pool = new PoolExecutor({ maxWorkers: 1 });
    const second = new Promise((resolve) => {
      pool.submit(tasks.add, 1, 2).addDoneCallback(async (first) => {
        resolve(pool.submit(tasks.add, await first, 4).result());
        await pool.shutdown();
      });
    });
    assert.equal(await second, 7);
    await pool.shutdown();
  });

  // mpi4py: a done callback that raises is logged
  await check('a done callback that throws is a warning, and the others are called', async () => {
    const pool = new PoolExecutor({ maxWorkers: 1 });
    const warned = warningNamed('DoneCallbackWarning');
    const future = pool.submit(tasks.nothing);
    const called = new Promise((resolve) => {
      future.addDoneCallback(() => {
        throw new Error('in a callback');
      });
      future.addDoneCallback((future) => resolve(future.state));
    });
    assert.equal(await called, 'fulfilled');
    await warned;
    await pool.shutdown();
  });

  // mpi4py: an executor that is garbage ends when its tasks are done
  // test_futures.py: Shutdown del_shutdown
  await check('an executor that nobody has any more finishes its tasks', async () => {
    const { futures, reference } = forget();
    await untilForgotten(reference);
    assert.deepEqual(await collect(futures), [3, 7]);
  });

  // mpi4py: an executor that is garbage ends when its tasks are done
  await check('its workers end then, if they were its own', async () => {
    const pids = await forgetStarted();
    const areItsOwn = !isShared && !onThreads;
    while (areItsOwn && pids.some(isAlive)) {
      collectGarbage();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal(pids.some(isAlive), !areItsOwn);
  });

  // mpi4py: `buffersize`: filling ends when the executor is collected
  await check('a map keeps its executor while it is read', async () => {
    const { results, reference } = forgetButRead();
    const given = [];
    for await (const result of results) {
      given.push(result);
      collectGarbage();
      if (given.length % 10 === 0) await new Promise(setImmediate);
    }
    assert.deepEqual(
      given,
      Array.from({ length: 50 }, (_, i) => i),
    );
    assert.ok(reference instanceof WeakRef);
  });

  // mpi4py: an iterator that was never started and is dropped: all tasks run
  await check('an iterator that nobody reads lets the program go on', async () => {
    const pool = new PoolExecutor({ maxWorkers: 1 });
    (() => void pool.map(tasks.identity, Array(100).fill(1)))();
    (() => void pool.map(tasks.identity, Array(100).fill(1).values()))();
    collectGarbage();
    await pool.shutdown();
    assert.equal(pool.stats().done, 200);
  });

  // test_futures.py: PoolInit init, init_args
  await check('1000 executors that are never used cost nothing', async () => {
    const pools = executors(1000);
    await shutDown(pools.slice(500));
    for (const pool of pools) assert.equal(pool.numWorkers, 0);
  });
}

function forget() {
  const pool = new PoolExecutor({ maxWorkers: 1 });
  const futures = [pool.submit(tasks.add, 1, 2), pool.submit(tasks.add, 3, 4)];
  return { futures, reference: new WeakRef(pool) };
}

async function forgetStarted() {
  const pool = new PoolExecutor({ maxWorkers: 1 });
  return [await pool.submit(tasks.pid)];
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function forgetButRead() {
  const pool = new PoolExecutor({ maxWorkers: 1 });
  const source = Array.from({ length: 50 }, (_, i) => i).values();
  const results = pool.map(tasks.identity, source, { bufferSize: 2 });
  return { results, reference: new WeakRef(pool) };
}
