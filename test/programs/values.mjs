import assert from 'node:assert/strict';
import { markAsUntransferable } from 'node:worker_threads';
import { isMain, move, ThreadPoolExecutor } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import * as tasks from './tasks.mjs';
import { refusedValues } from './values/refused.mjs';

if (isMain) {
  const pool = new PoolExecutor();

  /** There and back, deeply equal in the sense of Object.is. */
  const survives = async (value) => {
    assert.deepStrictEqual(await pool.submit(tasks.identity, value), value);
  };

  await check('process.env as a plain object, also while MPI starts', async () => {
    const { env } = process;
    const received = await Promise.all([
      pool.submit(tasks.identity, process.env),
      pool.submit(() => env),
      pool.submit(tasks.identity, process.env).then(() => pool.submit(tasks.identity, process.env)),
    ]);
    for (const one of received) {
      assert.equal(Object.getPrototypeOf(one), Object.prototype);
      assert.equal(one.PATH, process.env.PATH);
      assert.ok(Object.keys(one).length > 5);
    }
  });

  await check('undefined', async () => {
    assert.equal(await pool.submit(tasks.nothing), undefined);
    await survives([undefined, { key: undefined }]);
  });

  await check('NaN, −0 and infinities', async () => {
    await survives(NaN);
    await survives(-0);
    await survives([NaN, -0, Infinity, -Infinity, Number.MIN_VALUE]);
  });

  await check('null, booleans and text of any script', async () => {
    await survives([null, true, false, '', 'Zürich 東京 🚀 \0', '\ud800']);
  });

  // mpi4py: `submit(pow, 321, 1234)`: whole numbers of any size
  await check('BigInt', async () => {
    await survives(-(2n ** 200n));
  });

  await check('Date', async () => {
    await survives(new Date(0));
    const invalid = await pool.submit(tasks.identity, new Date(NaN));
    assert.ok(invalid instanceof Date && Number.isNaN(invalid.getTime()));
  });

  // test_futures.py: Pickle good_pickle
  await check('Map and Set', async () => {
    await survives(new Map([['key', new Set([1, { deep: true }])]]));
  });

  await check('a regular expression', async () => {
    await survives(/a+b/giu);
  });

  await check('arrays with holes', async () => {
    const [result] = await pool.submit(tasks.identity, [[1, , 3]]); // eslint-disable-line no-sparse-arrays
    assert.equal(1 in result, false);
  });

  await check('a key named __proto__', async () => {
    const value = JSON.parse('{"__proto__": 1}');
    const result = await pool.submit(tasks.identity, value);
    assert.deepEqual(Object.keys(result), ['__proto__']);
  });

  await check('a value that contains itself', async () => {
    const value = { name: 'loop' };
    value.self = value;
    const result = await pool.submit(tasks.identity, value);
    assert.equal(result.self, result);
  });

  await check('an object that occurs twice is one object on the other side', async () => {
    const shared = { count: 1 };
    const [first, second] = await pool.submit(tasks.identity, [shared, shared]);
    assert.equal(first, second);
  });

  await check('typed arrays of every type', async () => {
    for (const length of [0, 3, 5000]) {
      for (const type of [Int8Array, Uint16Array, Float32Array, Float64Array, BigInt64Array]) {
        await survives(new type(length));
      }
      await survives(Buffer.alloc(length, 'x'));
    }
  });

  await check('ArrayBuffer and DataView', async () => {
    await survives(Uint8Array.of(1, 2, 3).buffer);
    await survives(new DataView(new ArrayBuffer(10_000), 8, 9000));
  });

  await check('a part of a buffer arrives without the rest', async () => {
    const whole = Float64Array.from({ length: 100_000 }, (_, i) => i);
    const part = await pool.submit(tasks.identity, whole.subarray(1001, 2001));
    assert.deepEqual(part, whole.slice(1001, 2001));
    assert.ok(part.buffer.byteLength < 10_000);
  });

  await check('two views on one buffer share it on the other side', async () => {
    const buffer = new ArrayBuffer(1e6);
    const views = [new Float64Array(buffer), new Float64Array(buffer, 0, 1000)];
    assert.equal(await pool.submit(tasks.isShared, views), true);
  });

  await check('100 MB of numbers', async () => {
    const numbers = Float64Array.from({ length: 12_500_000 }, (_, i) => i / 3);
    const result = await pool.submit(tasks.identity, numbers);
    assert.ok(result instanceof Float64Array);
    assert.equal(Buffer.compare(bytes(result), bytes(numbers)), 0);
  });

  await check('many buffers at once', async () => {
    const buffers = Array.from({ length: 200 }, (_, i) => new Uint32Array(1000 + 997 * i).fill(i));
    const results = await Promise.all(buffers.map((buffer) => pool.submit(tasks.identity, buffer)));
    assert.ok(results.every((result, i) => Buffer.compare(bytes(result), bytes(buffers[i])) === 0));
  });

  await check('more buffers in one argument than one packet can name', async () => {
    const value = Array.from({ length: 33_000 }, (_, i) => new Uint8Array(2048).fill(i));
    const back = await pool.submit(tasks.identity, value);
    assert.equal(back.length, value.length);
    assert.ok(back.every((bytes, i) => bytes.length === 2048 && bytes[0] === i % 256));
  });

  await check('many buffers in one argument', async () => {
    await survives(Array.from({ length: 100 }, (_, i) => new Uint16Array(3000 + i).fill(i)));
  });

  // Node.js itself refuses to move memory that an addon has made.
  await check('buffers that were received are moved on', async () => {
    const threads = new ThreadPoolExecutor(1);
    for (const length of [1000, 2000, 1e6]) {
      const sent = new Float64Array(length).fill(3);
      const received = await pool.submit(tasks.movedOn, sent);
      assert.deepEqual([received.length, received[0], received.at(-1)], [length, 3, 3]);
      const part = received.subarray(1, 3);
      assert.deepEqual(await pool.submit(tasks.identity, [move(part)]), [new Float64Array([3, 3])]);
      assert.deepEqual([received.length, part.length], [0, 0]);
      const buffer = Buffer.from((await pool.submit(tasks.identity, sent)).buffer);
      const there = await threads.submit(tasks.movedOn, move(buffer.subarray(8, 16)));
      assert.deepEqual(there, Buffer.from(new Float64Array([3]).buffer));
      assert.equal(buffer.length, 0);
      // Some versions of Node.js refuse to detach it; none may end the program.
      const marked = await pool.submit(tasks.identity, sent);
      markAsUntransferable(marked.buffer);
      const outcome = await pool.submit(tasks.identity, move(marked)).then(
        (value) => value.length,
        (error) => error.name,
      );
      assert.ok(outcome === length || outcome === 'DataCloneError', `${outcome}`);
    }
    await threads.shutdown();
  });

  await check('what belongs to this process is refused, with the way out', async () => {
    for (const [message, value] of await refusedValues(pool)) {
      const error = await pool.submit(tasks.identity, [value]).then(
        () => assert.fail(`Arrived, but should not: ${message}`),
        (reason) => reason,
      );
      assert.equal(error.name, 'DataCloneError');
      assert.equal(error.message, `argument 1[0]: ${message}`);
    }
  });

  await pool.shutdown();
}

function bytes(view) {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
