import assert from 'node:assert/strict';
import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import * as tasks from './tasks.mjs';

if (isMain) {
  const pool = new PoolExecutor();

  // mpi4py: `num_workers` starts the pool and waits
  // mpi4py: nothing starts before the first use
  await check('no worker is counted before the pool has started', async () => {
    assert.equal(pool.numWorkers, 0);
  });

  // mpi4py: `bootup(wait)` returns the executor
  // mpi4py: only rank 0 runs the program; usage errors end with 1
  await check('bootup gives the pool with all workers ready', async () => {
    assert.equal(await pool.bootup(), pool);
    assert.equal(pool.numWorkers, 2);
  });

  // test_futures.py: Bootup bootup, _wait
  await check('a second bootup does nothing', async () => {
    await pool.bootup();
    assert.equal(pool.numWorkers, 2);
  });

  await check('the code of the C library stays as it is, here and on workers', async () => {
    assert.deepEqual([tasks.changedCode(), await pool.submit(tasks.changedCode)], [0, 0]);
  });

  // mpi4py: `with` shuts down at the end: `await using`
  await check('shutdown waits for what was submitted', async () => {
    const futures = Array.from({ length: 10 }, (_, i) => pool.submit(tasks.later, i, 10));
    await pool.shutdown();
    assert.ok(futures.every((future) => future.done()));
    assert.deepEqual(await Promise.all(futures), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  // mpi4py: a broken executor: `submit` and `map` raise, `num_workers` is 0
  await check('no worker is counted after shutdown', async () => {
    assert.equal(pool.numWorkers, 0);
  });

  // test_futures.py: Shutdown shutdown
  await check('a second shutdown does nothing', async () => {
    await pool.shutdown();
  });

  // mpi4py: after shutdown: `RuntimeError`
  // test_futures.py: Shutdown run_after_shutdown
  await check('submit after shutdown throws', async () => {
    const expected = { code: 'ERR_EXECUTOR_SHUTDOWN', message: /after shutdown/ };
    assert.throws(() => pool.submit(tasks.nothing), expected);
  });

  // mpi4py: after shutdown: `RuntimeError`
  await check('map after shutdown throws', async () => {
    assert.throws(() => pool.map(tasks.nothing, [1]), { code: 'ERR_EXECUTOR_SHUTDOWN' });
  });

  // mpi4py: `bootup()` after shutdown: `RuntimeError`
  await check('bootup after shutdown rejects', async () => {
    await assert.rejects(pool.bootup(), { code: 'ERR_EXECUTOR_SHUTDOWN' });
  });

  // test_futures.py: PoolInit init, init_args
  await check('a pool that is never used can be shut down', async () => {
    await new PoolExecutor().shutdown();
  });

  // mpi4py: `num_workers` starts the pool and waits
  // mpi4py: nothing starts before the first use
  await check('the first submit starts the pool', async () => {
    const first = new PoolExecutor();
    assert.equal(await first.submit(tasks.add, 1, 1), 2);
    await first.shutdown();
  });

  // mpi4py: `num_workers` starts the pool and waits
  // mpi4py: nothing starts before the first use
  await check('the first map starts the pool', async () => {
    const first = new PoolExecutor();
    assert.deepEqual(await first.map(tasks.identity, [1, 2]).toArray(), [1, 2]);
    await first.shutdown();
  });

  await check('shutdown right after submit gives the result', async () => {
    const quick = new PoolExecutor();
    const future = quick.submit(tasks.identity, 'there');
    await quick.shutdown();
    assert.equal(await future, 'there');
  });

  // mpi4py: `shutdown()` may be called again; `cancel_futures` cancels what has not started
  await check('cancelFutures cancels what has not started and nothing else', async () => {
    const busy = await new PoolExecutor().bootup();
    // So many that some have not begun, however late this program hears of the first.
    const futures = Array.from({ length: 2000 }, () => busy.submit(tasks.busy, 20));
    await futures[0];
    await busy.shutdown({ cancelFutures: true });
    const states = (await Promise.allSettled(futures)).map((_, i) => futures[i].state);
    assert.ok(states.includes('cancelled'));
    assert.ok(states.every((state) => state === 'fulfilled' || state === 'cancelled'));
  });

  await check('a queued task can be cancelled', async () => {
    const busy = await new PoolExecutor().bootup();
    const futures = Array.from({ length: 10 }, () => busy.submit(tasks.busy, 50));
    const last = futures.at(-1);
    assert.equal(last.cancel(), true);
    await assert.rejects(last, { name: 'CancelledError' });
    await Promise.all(futures.slice(0, -1));
    await busy.shutdown();
  });

  await check('two pools at once both answer', async () => {
    const pools = [new PoolExecutor({ maxWorkers: 1 }), new PoolExecutor({ maxWorkers: 1 })];
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    const results = pools.map((each, n) => each.map(tasks.add, numbers, Array(100).fill(n)));
    const [first, second] = await Promise.all(results.map((each) => each.toArray()));
    assert.deepEqual(first, numbers);
    assert.deepEqual(
      second,
      numbers.map((i) => i + 1),
    );
    await Promise.all(pools.map((each) => each.shutdown()));
  });

  await check('one pool goes on when another is shut down', async () => {
    const [stays, goes] = [
      new PoolExecutor({ maxWorkers: 1 }),
      new PoolExecutor({ maxWorkers: 1 }),
    ];
    await Promise.all([stays.bootup(), goes.bootup()]);
    await goes.shutdown();
    assert.equal(await stays.submit(tasks.add, 2, 2), 4);
    await stays.shutdown();
  });

  await check('10 pools one after the other', async () => {
    for (let i = 0; i < 10; i++) {
      const next = new PoolExecutor({ maxWorkers: 1 });
      assert.equal(await next.submit(tasks.add, i, i), 2 * i);
      await next.shutdown();
    }
  });
}
