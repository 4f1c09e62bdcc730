import assert from 'node:assert/strict';
import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import * as tasks from './tasks.mjs';

export function inTheProgram(x) {
  return x * 2;
}

if (isMain) {
  const pool = new PoolExecutor();

  // test_futures.py: Executor submit
  await check('a result is what the function returned', async () => {
    assert.equal(await pool.submit(tasks.add, 40, 2), 42);
  });

  await check('a function that the program itself exports is run', async () => {
    assert.equal(await pool.submit(inTheProgram, 21), 42);
  });

  await check('a task runs elsewhere', async () => {
    assert.notEqual(await pool.submit(tasks.place), tasks.place());
  });

  await check('an asynchronous function is awaited', async () => {
    assert.equal(await pool.submit(tasks.later, 'done', 5), 'done');
  });

  // mpi4py: `submit` returns at once; what cannot be sent fails the future, not `submit`
  await check('1000 tasks at once each give their own result', async () => {
    const numbers = Array.from({ length: 1000 }, (_, i) => i);
    const results = await Promise.all(numbers.map((i) => pool.submit(tasks.add, i, 0.5)));
    assert.deepEqual(
      results,
      numbers.map((i) => i + 0.5),
    );
  });

  await check('both workers are used', async () => {
    await pool.bootup(); // the second thread may still be starting
    const places = await Promise.all(Array.from({ length: 20 }, () => pool.submit(busyPlace, 20)));
    assert.equal(new Set(places).size, 2);
  });

  // mpi4py: arguments are pickled when the task is sent: later changes are seen, or not
  await check('arguments are those of the time of submit', async () => {
    const list = [1, 2, 3];
    const floats = new Float64Array(1e5).fill(1);
    const totals = [pool.submit(tasks.sum, list), pool.submit(tasks.sum, floats)];
    list.push(100);
    floats.fill(100);
    assert.deepEqual(await Promise.all(totals), [6, 1e5]);
  });

  // JSON has no undefined: a few of them at the end are counted in the flags of the task
  await check('arguments that are undefined arrive, as many as there were', async () => {
    const lists = [[1], [], [undefined, 1], [{ a: [] }, undefined]].flatMap((list) =>
      Array.from({ length: 10 }, (_, count) => [...list, ...new Array(count).fill(undefined)]),
    );
    const limited = pool.with({ signal: new AbortController().signal, retries: 1 });
    for (const view of [pool, limited]) {
      const received = lists.map((list) => view.submit(tasks.argumentsOf, ...list));
      assert.deepEqual(await Promise.all(received), lists);
    }
  });

  await check('100 000 tasks at once', async () => {
    const futures = Array.from({ length: 100_000 }, (_, i) => pool.submit(tasks.identity, i));
    const results = await Promise.all(futures);
    assert.ok(results.every((result, i) => result === i));
  });

  // mpi4py: `aplus`: `ThenableFuture`
  await check('a future is a promise and knows its state', async () => {
    const future = pool.submit(tasks.later, 1, 20);
    assert.ok(future instanceof Promise);
    assert.equal(future.done(), false);
    await future;
    assert.equal(future.done(), true);
    assert.equal(future.state, 'fulfilled');
  });

  await pool.shutdown();
}

export function busyPlace(milliseconds) {
  tasks.busy(milliseconds);
  return tasks.place();
}
