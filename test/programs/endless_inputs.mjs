/** How far ahead of its results a map reads: endless inputs in bounded memory. */

import assert from 'node:assert/strict';
import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import * as tasks from './tasks.mjs';

/** For each worker so many elements are read ahead by default (lib/executors/submitter.ts). */
const AHEAD = 256;

/** Endless, counts what was read and knows whether it was closed. */
class Source {
  read = 0;
  closed = false;

  *[Symbol.iterator]() {
    try {
      for (;;) yield this.read++;
    } finally {
      this.closed = true;
    }
  }
}

class AsyncSource extends Source {
  async *[Symbol.asyncIterator]() {
    for (const value of super[Symbol.iterator]()) {
      if (value % 100 === 0) await new Promise(setImmediate);
      yield value;
    }
  }
}

/** Takes `count` results; the source was never read further ahead of them than `ahead`. */
async function takes(count, source, results, ahead) {
  let taken = 0;
  for await (const result of results) {
    assert.equal(result, taken++);
    assert.ok(source.read <= taken + ahead, `${source.read} read, ${taken} taken`);
    if (taken === count) break;
  }
  assert.equal(taken, count);
  // A source that is being read is closed after it has answered.
  while (!source.closed) await new Promise(setImmediate);
}

if (isMain) {
  const pool = await new PoolExecutor().bootup();
  const byDefault = pool.numWorkers * AHEAD;

  // mpi4py: input is read whole at the call, without `buffersize`
  await check('an endless generator is read only some way ahead', async () => {
    const source = new Source();
    await takes(5000, source, pool.map(tasks.identity, source), byDefault + 1);
  });

  // mpi4py: only iterables
  await check('an endless async generator is read only some way ahead', async () => {
    const source = new AsyncSource();
    await takes(5000, source, pool.map(tasks.identity, source), byDefault + 1);
  });

  await check('an endless generator of argument lists is read only some way ahead', async () => {
    const source = new Source();
    const tuples = (function* () {
      for (const value of source) yield [value];
    })();
    await takes(2000, source, pool.starmap(tasks.identity, tuples), byDefault + 1);
  });

  await check('with chunks it is so many chunks', async () => {
    const source = new Source();
    const results = pool.map(tasks.identity, source, { chunkSize: 10 });
    await takes(20_000, source, results, 10 * byDefault + 1);
  });

  // mpi4py: `unordered`, `starmap`, `buffersize`
  await check('bufferSize is how far it is read ahead', async () => {
    for (const bufferSize of [1, 2, 10]) {
      const source = new Source();
      await takes(100, source, pool.map(tasks.identity, source, { bufferSize }), bufferSize);
    }
  });

  // mpi4py: `buffersize` counts chunks
  await check('bufferSize also bounds async sources and chunks', async () => {
    const source = new AsyncSource();
    const options = { bufferSize: 8, chunkSize: 4 };
    await takes(200, source, pool.map(tasks.identity, source, options), 9);
  });

  await check('nothing more is read while nobody takes results', async () => {
    const source = new Source();
    const results = pool.map(tasks.identity, source, { bufferSize: 16 });
    await pool.map(tasks.identity, Array(100).fill(0)).toArray();
    assert.equal(source.read, 16);
    await results.return();
    assert.equal(source.closed, true);
  });

  await check('unordered results of an endless generator', async () => {
    const source = new Source();
    let taken = 0;
    for await (const result of pool.map(tasks.identity, source, { unordered: true })) {
      assert.ok(result < source.read);
      assert.ok(source.read <= ++taken + byDefault + 1);
      if (taken === 2000) break;
    }
    assert.equal(source.closed, true);
  });

  await check('an endless generator beside a short list ends with the list', async () => {
    const source = new Source();
    assert.deepEqual(await pool.map(tasks.add, source, [10, 20, 30]).toArray(), [10, 21, 32]);
    assert.equal(source.closed, true);
  });

  // mpi4py: input is read whole at the call, without `buffersize`
  await check('a list is submitted at once, however long, without being asked for', async () => {
    const before = pool.stats().submitted;
    const results = pool.map(tasks.identity, Array(10_000).fill(1));
    assert.equal(pool.stats().submitted - before, 10_000);
    await results.return();
  });

  await check('a source that throws does so after the results of what it gave', async () => {
    const source = (function* () {
      yield* [1, 2, 3];
      throw new RangeError('no more');
    })();
    const given = [];
    await assert.rejects(async () => {
      for await (const result of pool.map(tasks.identity, source)) given.push(result);
    }, new RangeError('no more'));
    assert.deepEqual(given, [1, 2, 3]);
  });

  await pool.shutdown();
}
