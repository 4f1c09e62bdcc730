/** wait, asCompleted, collect and compose, over the futures of real tasks. */

import assert from 'node:assert/strict';
import {
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  asCompleted,
  collect,
  compose,
  isMain,
  wait,
} from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import { withGate } from './gate.mjs';
import * as tasks from './tasks.mjs';

if (isMain) {
  const pool = await new PoolExecutor().bootup();
  const succeeding = () => pool.submit(tasks.identity, 'a result');
  const failing = () => pool.submit(tasks.throwTypeError, 'on purpose');
  const cancelled = () => {
    const future = pool.submit(tasks.nothing);
    future.cancel();
    return future;
  };

  /** A future of a task that ends when `open` is called, however long that takes. */
  const gate = () => {
    let open;
    const opened = new Promise((resolve) => (open = resolve));
    return { future: compose(pool.submit(tasks.nothing), () => opened), open };
  };

  // mpi4py: `wait`, `as_completed` and their constants
  // test_futures.py: Wait all_completed
  await check('wait has everything that is done: results, errors and cancellations', async () => {
    const futures = [succeeding(), failing(), cancelled()];
    const { done, notDone } = await wait(futures);
    assert.deepEqual([...done], futures);
    assert.equal(notDone.size, 0);
    assert.deepEqual(
      futures.map(({ state }) => state),
      ['fulfilled', 'rejected', 'cancelled'],
    );
    await assert.rejects(futures[1], TypeError);
  });

  // test_futures.py: Wait first_completed
  await check('wait for the first that is done', async () => {
    const slow = gate();
    const fast = succeeding();
    const { done, notDone } = await wait([slow.future, fast], { returnWhen: FIRST_COMPLETED });
    assert.deepEqual([[...done], [...notDone]], [[fast], [slow.future]]);
    slow.open();
    await slow.future;
  });

  // test_futures.py: Wait first_completed_some_already_completed
  await check('wait for the first that is done returns at once if one was', async () => {
    const slow = gate();
    const before = [cancelled(), succeeding()];
    await before[1];
    const { done, notDone } = await wait([...before, slow.future], { returnWhen: FIRST_COMPLETED });
    assert.deepEqual([[...done], [...notDone]], [before, [slow.future]]);
    slow.open();
    await slow.future;
  });

  // test_futures.py: Wait first_exception
  await check('wait for the first failure', async () => {
    const slow = gate();
    const [good, bad] = [succeeding(), failing()];
    await good;
    const all = [slow.future, good, cancelled(), bad];
    const { done, notDone } = await wait(all, { returnWhen: FIRST_EXCEPTION });
    assert.deepEqual([...done], all.slice(1));
    assert.deepEqual([...notDone], [slow.future]);
    slow.open();
    await Promise.allSettled(all);
  });

  // test_futures.py: Wait first_exception_some_already_complete, _one_already_failed
  await check('wait for the first failure returns at once if one has failed', async () => {
    const slow = gate();
    const bad = failing();
    await bad.exception();
    const { done, notDone } = await wait([slow.future, bad], { returnWhen: FIRST_EXCEPTION });
    assert.deepEqual([[...done], [...notDone]], [[bad], [slow.future]]);
    slow.open();
    await slow.future;
  });

  // test_futures.py: Wait timeout
  await check('a timeout of wait leaves the slow one out, without an error', async () => {
    const slow = gate();
    const fast = [succeeding(), cancelled()];
    await fast[0];
    const { done, notDone } = await wait([...fast, slow.future], { timeout: 20 });
    assert.deepEqual([[...done], [...notDone]], [fast, [slow.future]]);
    slow.open();
    await slow.future;
  });

  // mpi4py: `wait`, `as_completed` and their constants
  // test_futures.py: AsCompleted no_timeout, duplicate_futures
  await check('asCompleted gives each future once, those that are done first', async () => {
    const before = [succeeding(), cancelled()];
    await before[0];
    const later = [pool.submit(tasks.later, 1, 5), failing()];
    const given = [];
    for await (const future of asCompleted([...later, ...before, ...later])) given.push(future);
    assert.deepEqual(given.slice(0, 2), before);
    assert.deepEqual(new Set(given.slice(2)), new Set(later));
    assert.equal(given.length, 4);
    await Promise.allSettled(later);
  });

  // test_futures.py: AsCompleted zero_timeout
  await check('asCompleted with timeout 0 gives what is done, then TimeoutError', async () => {
    const slow = gate();
    const fast = succeeding();
    await fast;
    const given = [];
    await assert.rejects(async () => {
      for await (const future of asCompleted([slow.future, fast], { timeout: 0 }))
        given.push(future);
    }, { name: 'TimeoutError' }); // prettier-ignore
    assert.deepEqual(given, [fast]);
    slow.open();
    await slow.future;
  });

  // test_futures.py: AsCompleted nonzero_timeout
  await check('asCompleted with a timeout gives what is in time', async () => {
    const slow = gate();
    const done = succeeding();
    await done;
    // Timers of this process: whatever holds it up, they fire in the order of their times.
    const inTime = [5, 10].map((time) => compose(done, () => tasks.later(time, time)));
    const given = new Set();
    const results = asCompleted([slow.future, ...inTime], { timeout: 200 });
    await assert.rejects(async () => {
      for await (const future of results) given.add(future);
    }, { name: 'TimeoutError' }); // prettier-ignore
    assert.deepEqual(given, new Set(inTime));
    slow.open();
    await slow.future;
  });

  await check('tasks submitted while earlier ones complete', async () => {
    let total = 0;
    let generation = Array.from({ length: 8 }, () => pool.submit(tasks.add, 1, 0));
    for (let round = 0; round < 5; round++) {
      const next = [];
      for await (const future of asCompleted(generation)) {
        total += await future.result();
        next.push(pool.submit(tasks.add, 1, 0));
      }
      generation = next;
    }
    await wait(generation);
    assert.equal(total, 40);
  });

  // mpi4py: `collect`: order, duplicates, none; a failure or a cancellation cancels the others
  await check('collect gives all results in the order of the futures', async () => {
    const futures = [30, 1, 10].map((time) => pool.submit(tasks.later, time, time));
    assert.deepEqual(await collect([...futures, futures[0]]), [30, 1, 10, 30]);
    assert.deepEqual(await collect([]), []);
  });

  // mpi4py: `collect`: order, duplicates, none; a failure or a cancellation cancels the others
  await check('collect fails with the first failure and cancels what is queued', async () => {
    const done = succeeding();
    await done;
    const bad = failing();
    const rest = [];
    await withGate(async (gate) => {
      rest.push(...Array.from({ length: 50 }, () => pool.submit(tasks.passed, gate)));
      await assert.rejects(collect([done, bad, ...rest]), TypeError);
    });
    await wait(rest);
    assert.equal(await done, 'a result');
    assert.equal(rest.at(-1).state, 'cancelled');
    assert.ok(rest.every(({ state }) => state === 'cancelled' || state === 'fulfilled'));
  });

  // mpi4py: `collect`: order, duplicates, none; a failure or a cancellation cancels the others
  await check('cancelling a collection cancels what is queued', async () => {
    const running = [pool.submit(tasks.busy, 20), pool.submit(tasks.busy, 20)];
    const queued = Array.from({ length: 50 }, () => pool.submit(tasks.busy, 5));
    const all = collect([...running, ...queued]);
    assert.equal(all.cancel(), true);
    assert.equal(queued.at(-1).cancelled(), true);
    await assert.rejects(all, { name: 'CancelledError' });
    await wait([...running, ...queued]);
  });

  await check('collect takes futures of several executors', async () => {
    const other = new PoolExecutor({ maxWorkers: 1 });
    const futures = [pool.submit(tasks.add, 1, 1), other.submit(tasks.add, 2, 2)];
    assert.deepEqual(await collect(futures), [2, 4]);
    await other.shutdown();
  });

  // mpi4py: `compose`: hooks return values
  await check('compose makes another result', async () => {
    assert.equal(await compose(pool.submit(tasks.identity, '42'), Number), 42);
    assert.equal(await compose(pool.submit(tasks.identity, 1)), 1);
  });

  // mpi4py: `compose`: hooks return values
  await check('compose may submit the next task', async () => {
    const chain = compose(pool.submit(tasks.add, 1, 2), (sum) => pool.submit(tasks.add, sum, 4));
    assert.equal(await chain, 7);
  });

  // mpi4py: `compose`: hooks return values
  // mpi4py: `then`: an exception that a handler _returns_ is the failure
  await check('compose keeps an error, makes another one of it, or a result', async () => {
    await assert.rejects(compose(failing()), TypeError);
    const replaced = compose(failing(), null, (error) => new RangeError(error.message));
    await assert.rejects(replaced, new RangeError('on purpose'));
    assert.equal(await compose(failing(), null, (error) => error.message), 'on purpose');
    await assert.rejects(
      compose(succeeding(), () => {
        throw new SyntaxError('of the hook');
      }),
      SyntaxError,
    );
  });

  // mpi4py: `compose`: what a hook raises or an error that it returns is the failure; cancelling goes both ways
  await check('cancelling goes through compose, both ways', async () => {
    const busy = [pool.submit(tasks.busy, 20), pool.submit(tasks.busy, 20)];
    const [first, second] = [pool.submit(tasks.busy, 1), pool.submit(tasks.busy, 1)];
    const [ofFirst, ofSecond] = [compose(first), compose(second)];
    first.cancel();
    ofSecond.cancel();
    assert.deepEqual([first, second, ofSecond].map((future) => future.cancelled()), [true, true, true]); // prettier-ignore
    await wait([ofFirst, ...busy]);
    assert.equal(ofFirst.cancelled(), true);
  });

  // mpi4py: `aplus`: `ThenableFuture`
  // test_futures.py: Then (all)
  await check('then, catch and finally chain as those of any promise', async () => {
    const chain = succeeding().then((text) => pool.submit(tasks.identity, text.length));
    assert.equal(await chain, 8);
    assert.equal(await failing().catch(({ message }) => message), 'on purpose');
    let ended = false;
    await succeeding().finally(() => (ended = true));
    assert.equal(ended, true);
  });

  await pool.shutdown();
}
