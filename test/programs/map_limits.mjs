/** Maps that are late, that fail, and that are read in pieces of every size. */

import assert from 'node:assert/strict';
import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import { withGate } from './gate.mjs';
import * as tasks from './tasks.mjs';

/** As Python's divmod, which fails for 0. */
export function divideWithRest(a, b) {
  if (b === 0) throw new RangeError('divided by 0');
  return [Math.floor(a / b), a % b];
}

if (isMain) {
  const pool = await new PoolExecutor().bootup();
  const numbers = Array.from({ length: 40 }, (_, i) => i);
  const squares = numbers.map((i) => i * i);
  const square = (x) => x * x;

  /** Reads the results up to the error, and the error. */
  const readAll = async (results) => {
    const given = [];
    try {
      for await (const result of results) given.push(result);
    } catch (error) {
      return { given, error };
    }
    return { given, error: undefined };
  };

  /** What ends in time depends on the machine: there is a timeout with which `read` gives these, and then TimeoutError. */
  const inSomeTime = async (expected, read) => {
    for (let timeout = 250; ; timeout *= 2) {
      const { given, error } = await read(timeout);
      assert.equal(error.name, 'TimeoutError');
      if (given.length < expected.length && timeout < 60_000) continue;
      assert.deepEqual(given, expected);
      return;
    }
  };

  // test_futures.py: Executor map
  // test_futures.py: ThreadPool (all)
  await check('map is what the map of an array is', async () => {
    assert.deepEqual(await pool.map(Math.pow, numbers, numbers).toArray(), numbers.map((i) => i ** i)); // prettier-ignore
  });

  // test_futures.py: Executor starmap
  await check('starmap takes lists and iterators alike', async () => {
    const pairs = numbers.map((i) => [i, 2]);
    const iterator = pairs[Symbol.iterator]();
    assert.deepEqual(await pool.starmap(Math.pow, pairs).toArray(), squares);
    assert.deepEqual(await pool.starmap(Math.pow, iterator).toArray(), squares);
  });

  // mpi4py: `map` zips; the shortest decides; no iterables, no results
  await check('a map without inputs has no results', async () => {
    assert.deepEqual(await pool.map(tasks.nothing).toArray(), []);
  });

  // mpi4py: `buffersize` ends at an empty tuple
  await check('starmap with empty argument lists calls the function as often', async () => {
    const lists = (function* () {
      for (let i = 0; i < 10; i++) yield [];
    })();
    const results = await pool.starmap(() => 1, lists, { bufferSize: 2 }).toArray();
    assert.deepEqual(results, Array(10).fill(1));
  });

  // mpi4py: an error comes at its position and ends the iterator; the rest is cancelled
  // test_futures.py: Executor map_exception
  await check('two results, then the error, then the end', async () => {
    const results = pool.map(divideWithRest, [1, 1, 1, 1], [2, 3, 0, 5]);
    const { given, error } = await readAll(results);
    assert.deepEqual(given, [[0, 1], [0, 1]]); // prettier-ignore
    assert.match(error.message, /divided by 0/);
    assert.deepEqual(await results.next(), { done: true, value: undefined });
  });

  // mpi4py: an error comes at its position and ends the iterator; the rest is cancelled
  await check('an error cancels what has not started', async () => {
    const before = pool.stats().cancelled;
    const { error } = await readAll(pool.map(divideWithRest, [1, ...Array(2000).fill(1)], [0, ...Array(2000).fill(1)])); // prettier-ignore
    assert.ok(error instanceof RangeError);
    const long = pool.map(
      failsFirst,
      Array.from({ length: 200 }, (_, i) => i),
    );
    assert.ok((await readAll(long)).error instanceof RangeError);
    assert.ok(pool.stats().cancelled > before);
  });

  // test_futures.py: Executor map_unordered_exception
  await check('an unordered map gives the error when it comes', async () => {
    const { given, error } = await readAll(
      pool.map(divideWithRest, [1, 1, 1, 1], [2, 3, 0, 5], { unordered: true }),
    );
    assert.ok(given.length <= 3);
    assert.ok(error instanceof RangeError);
  });

  // mpi4py: one failing call fails its chunk
  await check('one failing call fails its whole chunk', async () => {
    const results = pool.map(tasks.throwIfOdd, [0, 2, 4, 6, 8, 9], { chunkSize: 2 });
    const { given, error } = await readAll(results);
    assert.deepEqual([given, error.message], [[0, 2, 4, 6], '9 is odd']);
  });

  // mpi4py: `timeout` of a map counts from the call; the rest is cancelled
  // test_futures.py: Executor map_timeout
  await check('two results in time, then TimeoutError, and the rest is cancelled', async () => {
    const inTime = [null, null];
    await inSomeTime(inTime, async (timeout) => {
      let read;
      await withGate(async (gate) => {
        const before = pool.stats().cancelled;
        const files = [...inTime, ...Array(200).fill(gate)];
        read = await readAll(pool.map(tasks.passed, files, { timeout }));
        assert.ok(pool.stats().cancelled - before >= 150);
      });
      return read;
    });
  });

  // test_futures.py: Executor map_timeout_one
  await check('a timeout that is long enough changes nothing', async () => {
    assert.deepEqual(await pool.map(square, [1, 2, 3], { timeout: 30_000 }).toArray(), [1, 4, 9]);
    const unordered = pool.map(square, [1, 2, 3], { timeout: 30_000, unordered: true });
    assert.deepEqual(new Set(await unordered.toArray()), new Set([1, 4, 9]));
  });

  // test_futures.py: Executor map_unordered_timeout, _one
  await check('an unordered map with a timeout gives all that are in time', async () => {
    const inTime = Array(20).fill(null);
    await inSomeTime(inTime, async (timeout) => {
      let read;
      await withGate(async (gate) => {
        const options = { timeout, unordered: true };
        read = await readAll(pool.map(tasks.passed, [gate, ...inTime], options));
      });
      return read;
    });
  });

  // test_futures.py: Executor map_buffersize
  await check('every bufferSize with every chunkSize, in order', async () => {
    for (const bufferSize of [1, 2, 9, 10, 11]) {
      for (const chunkSize of [1, 2, 9, 10, 11, 40, 50]) {
        const options = { bufferSize, chunkSize };
        const results = await pool.map(square, numbers.values(), options).toArray();
        assert.deepEqual(results, squares, JSON.stringify(options));
      }
    }
  });

  // test_futures.py: Executor map_chunksize, starmap_chunksize
  // test_futures.py: Executor map_unordered, _chunksize
  await check('every chunkSize, also of more than there is', async () => {
    for (const chunkSize of [1, 6, 40, 50, 1000]) {
      assert.deepEqual(await pool.map(square, numbers, { chunkSize }).toArray(), squares);
      const unordered = await pool.map(square, numbers, { chunkSize, unordered: true }).toArray();
      assert.deepEqual(new Set(unordered), new Set(squares));
      assert.equal(unordered.length, 40);
    }
  });

  // mpi4py: `buffersize` with `unordered`: `ValueError`
  await check('bufferSize with unordered', async () => {
    const options = { bufferSize: 7, unordered: true };
    const results = await pool.map(square, numbers.values(), options).toArray();
    assert.deepEqual(new Set(results), new Set(squares));
  });

  // mpi4py: what is no function fails on the worker
  // mpi4py: `chunksize < 1`: `ValueError`
  // test_futures.py: Executor map_buffersize
  await check('wrong options are refused at the call', async () => {
    const call = (options) => () => pool.map(square, [1], options);
    for (const wrong of [{ chunkSize: -1 }, { chunkSize: 1.5 }, { bufferSize: -1 }, { bufferSize: 0 }])
      assert.throws(call(wrong), RangeError); // prettier-ignore
    for (const wrong of [{ chunkSize: null }, { bufferSize: '1' }, { unordered: 1 }, { timeout: '1' }])
      assert.throws(call(wrong), TypeError); // prettier-ignore
    assert.throws(call({ buffersize: 3 }), { name: 'TypeError', message: /bufferSize/ });
    assert.throws(call({ chunksize: 3 }), { name: 'TypeError', message: /chunkSize/ });
    assert.throws(() => pool.map(3, [1]), TypeError);
    assert.throws(() => pool.map(square, 5), TypeError);
  });

  await check('a map of 100 000 tasks', async () => {
    const many = Array.from({ length: 100_000 }, (_, i) => i);
    const results = await pool.map(tasks.identity, many).toArray();
    assert.ok(results.length === 100_000 && results.every((result, i) => result === i));
  });

  await check('a map of 100 000 tasks from a generator', async () => {
    let next = 0;
    const generated = (function* () {
      for (let i = 0; i < 100_000; i++) yield i;
    })();
    for await (const result of pool.map(tasks.identity, generated)) {
      if (result !== next) break;
      next++;
    }
    assert.equal(next, 100_000);
  });

  await check('a map whose results nobody takes runs to its end', async () => {
    const before = pool.stats().done;
    pool.map(tasks.identity, Array(500).fill(1));
    await pool.submit(tasks.nothing);
    while (pool.stats().running + pool.stats().queued > 0) await pool.submit(tasks.nothing);
    assert.ok(pool.stats().done - before >= 500);
  });

  await check('several maps at once', async () => {
    const maps = Array.from({ length: 10 }, (_, n) => pool.map(tasks.add, numbers, Array(40).fill(n)).toArray()); // prettier-ignore
    for (const [n, results] of (await Promise.all(maps)).entries())
      assert.deepEqual(results, numbers.map((i) => i + n)); // prettier-ignore
  });

  await check('the pool goes on after all of this', async () => {
    assert.equal(await pool.submit(tasks.add, 1, 2), 3);
  });

  await pool.shutdown();
}

/** The first fails, while the others would take a while. */
export async function failsFirst(i) {
  if (i === 0) throw new RangeError('the first');
  return tasks.later(i, 20);
}
