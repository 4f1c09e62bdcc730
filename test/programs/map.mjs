import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import * as tasks from './tasks.mjs';

/** The first take longest, so that results come in another order than they are wanted in. */
export async function slowAtFirst(i) {
  return tasks.later(i, Math.max(0, 30 - i));
}

function* endless() {
  for (let i = 0; ; i++) yield i;
}

async function* asynchronous(values) {
  yield* values;
}

if (isMain) {
  const pool = new PoolExecutor();
  const folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'));
  const numbers = Array.from({ length: 100 }, (_, i) => i);

  await check('results come in the order of the input', async () => {
    assert.deepEqual(await pool.map(slowAtFirst, numbers).toArray(), numbers);
  });

  await check('for await gives the results one by one', async () => {
    const results = [];
    for await (const result of pool.map(tasks.identity, numbers)) results.push(result);
    assert.deepEqual(results, numbers);
  });

  // mpi4py: `map` zips; the shortest decides; no iterables, no results
  await check('several inputs are zipped and the shortest decides', async () => {
    assert.deepEqual(await pool.map(tasks.add, [1, 2, 3], [10, 20]).toArray(), [11, 22]);
  });

  await check('no input gives no result', async () => {
    assert.deepEqual(await pool.map(tasks.identity, []).toArray(), []);
  });

  // mpi4py: `unordered`, `starmap`, `buffersize`
  await check('starmap spreads each tuple over the arguments', async () => {
    const tuples = [
      [1, 2],
      [3, 4],
    ];
    assert.deepEqual(await pool.starmap(tasks.add, tuples).toArray(), [3, 7]);
  });

  await check('an asynchronous input is read', async () => {
    assert.deepEqual(await pool.map(tasks.identity, asynchronous([1, 2, 3])).toArray(), [1, 2, 3]);
  });

  await check('chunks give the same results as single tasks', async () => {
    assert.deepEqual(
      await pool.map(tasks.add, numbers, numbers, { chunkSize: 7 }).toArray(),
      numbers.map((i) => 2 * i),
    );
  });

  // mpi4py: `unordered`, `starmap`, `buffersize`
  // test_futures.py: Executor map_unordered, _chunksize
  await check('unordered gives every result once', async () => {
    const results = await pool.map(slowAtFirst, numbers, { unordered: true }).toArray();
    assert.deepEqual(
      results.sort((a, b) => a - b),
      numbers,
    );
  });

  // mpi4py: closing the iterator cancels the rest
  await check('leaving the loop ends an endless input', async () => {
    let last;
    for await (last of pool.map(tasks.identity, endless())) if (last === 50) break;
    assert.equal(last, 50);
  });

  await check('an error comes at its position and ends the results', async () => {
    const results = [];
    await assert.rejects(async () => {
      for await (const result of pool.map(tasks.throwIfOdd, [0, 2, 4, 5, 6])) results.push(result);
    }, RangeError('5 is odd'));
    assert.deepEqual(results, [0, 2, 4]);
  });

  await check('a timeout ends the results with TimeoutError', async () => {
    const file = path.join(folder, 'over');
    const results = pool.map(tasks.passed, [file], { timeout: 50 });
    await assert.rejects(results.toArray(), { name: 'TimeoutError' });
    writeFileSync(file, ''); // so the task cannot have ended before, however late the timeout is noticed
  });

  await check('the pool goes on after all of this', async () => {
    assert.equal(await pool.submit(tasks.add, 1, 2), 3);
  });

  await check('a source whose next() gives no object fails, as in for…of', async () => {
    const source = { [Symbol.iterator]: () => ({ next: () => 5 }) };
    await assert.rejects(pool.map(tasks.identity, source).toArray(), TypeError);
    const later = { [Symbol.asyncIterator]: () => ({ next: async () => undefined }) };
    await assert.rejects(pool.map(tasks.identity, later).toArray(), TypeError);
  });

  await pool.shutdown();
  rmSync(folder, { recursive: true });
}
