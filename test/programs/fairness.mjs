/** Executors that share workers get equal shares of them: shown by what is done when, not by time. */

import assert from 'node:assert/strict';
import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import * as tasks from './tasks.mjs';

if (isMain) {
  const [long, short] = [new PoolExecutor(), new PoolExecutor()];
  await Promise.all([long.bootup(), short.bootup()]);
  const LENGTH = 20_000;
  const map = () => long.map(tasks.busy, Array(LENGTH).fill(1));
  /** The second executor's calls: of the same function, so that its run time is known. */
  const call = () => short.submit(tasks.busy, 1);
  await call();

  // mpi4py: executors that share workers: a long map of one starves the others
  await check('a single task does not wait for a long map of another executor', async () => {
    const before = long.stats().done;
    const results = map();
    await results.next();
    await call();
    const meanwhile = long.stats().done - before;
    assert.ok(meanwhile < LENGTH / 4, `${meanwhile} of ${LENGTH} were before it`);
    await results.return();
  });

  await check('one task after the other, each passes by the map', async () => {
    const before = long.stats().done;
    const results = map();
    await results.next();
    for (let i = 0; i < 10; i++) await call();
    const meanwhile = long.stats().done - before;
    assert.ok(meanwhile < LENGTH / 2, `${meanwhile} of ${LENGTH} were before the tenth`);
    await results.return();
  });

  await check('a function that never ran does not wait for the map either', async () => {
    const before = long.stats().done;
    const results = map();
    await results.next();
    assert.equal(await short.submit(neverRan, 20, 1), 21);
    const meanwhile = long.stats().done - before;
    assert.ok(meanwhile < LENGTH / 4, `${meanwhile} of ${LENGTH} were before it`);
    await results.return();
  });

  // mpi4py: executors that share workers: a long map of one starves the others
  await check('a second map gets half of the workers, though it came later', async () => {
    const before = long.stats().done;
    const first = map();
    await first.next();
    const head = long.stats().done - before;
    await short.map(tasks.busy, Array(300).fill(1)).toArray();
    const meanwhile = long.stats().done - before - head;
    assert.ok(meanwhile > 30, `only ${meanwhile} of the first beside 300 of the second`);
    assert.ok(meanwhile < 900, `${meanwhile} of the first beside 300 of the second`);
    await first.return();
  });

  await check('the results of both are their own', async () => {
    const numbers = Array.from({ length: 1000 }, (_, i) => i);
    const both = [
      long.map(tasks.add, numbers, Array(1000).fill(0)).toArray(),
      short.map(tasks.add, numbers, Array(1000).fill(0.5)).toArray(),
    ];
    assert.deepEqual(await Promise.all(both), [numbers, numbers.map((i) => i + 0.5)]);
  });

  await Promise.all([long.shutdown(), short.shutdown()]);
}

export function neverRan(a, b) {
  return a + b;
}
