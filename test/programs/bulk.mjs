/** Messages of many sizes at once: order, contents, and what was set up before. */

import assert from 'node:assert/strict';
import { PoolExecutor, isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { identity, recall, remember } from './tasks.mjs';

function throwWith(buffer) {
  throw Object.assign(new Error('with a buffer'), { buffer });
}

const filled = (size, value) => new Uint8Array(size).fill(value);

if (isMain) {
  const pool = new PoolExecutor();

  // The first check, because only the highest peak of the process is known.
  await check('what goes to all workers is not copied for each of them', async () => {
    const size = 48 << 20;
    const large = filled(size, 7);
    await pool.submit(identity, 1);
    const before = process.resourceUsage().maxRSS * 1024;
    const set = new PoolExecutor({
      initializer: (bytes) => void (globalThis.sum = bytes.length + bytes.at(-1)),
      initArgs: [large],
    });
    await set.bootup();
    const peak = process.resourceUsage().maxRSS * 1024 - before;
    // Two copies: the encoded value and the message. Copies for each worker would be one or two more per worker.
    // ThreadSanitizer needs four bytes per byte.
    const most = 3.5 * (process.env.TSAN_OPTIONS === undefined ? 1 : 5);
    assert.ok(peak < most * size, `${peak / size} times as much`);
    const sums = await set.map((i) => globalThis.sum + i + large[i], [0, 1, 2]).toArray();
    assert.deepEqual(sums, [0, 1, 2].map((i) => size + 7 + i + 7)); // prettier-ignore
    await set.shutdown();
  });

  await check('texts around the size at which they travel in another way', async () => {
    const texts = Array.from({ length: 600 }, (_, i) =>
      String(i % 10).repeat(i % 7 ? 50 : 100_000 + 200 * i),
    );
    const results = await Promise.all(texts.map((text) => pool.submit(identity, text)));
    assert.ok(results.every((text, i) => text === texts[i]));
  });

  await check('buffers of many sizes, mixed with small tasks', async () => {
    const sizes = [0, 1, 2047, 2048, 8191, 8192, 32_768, 1 << 20, (1 << 20) + 1, 5_000_001];
    const tasks = Array.from({ length: 200 }, (_, i) =>
      i % 4 ? i : filled(sizes[(i / 4) % sizes.length], i),
    );
    const results = await Promise.all(tasks.map((task) => pool.submit(identity, task)));
    assert.deepEqual(results, tasks);
  });

  await check('a thousand buffers in one argument', async () => {
    const value = Array.from({ length: 1000 }, (_, i) => filled(3000, i % 256));
    assert.deepEqual(await pool.submit(identity, value), value);
  });

  // mpi4py: `use_pkl5` is off by default
  // test_futures.py: PoolInit use_pkl5_kwarg, _environ
  await check('with outOfBand: false, buffers of many sizes and their errors', async () => {
    const other = new PoolExecutor({ outOfBand: false });
    const sizes = [0, 2048, 131_072, (1 << 20) + 1, 5_000_001];
    const values = sizes.map((size, i) => ({ one: filled(size, i), two: filled(size, i + 1) }));
    const results = await Promise.all(values.map((value) => other.submit(identity, value)));
    assert.deepEqual(results, values);
    const failed = other.submit(throwWith, filled(5000, 3));
    assert.deepEqual((await failed.exception()).buffer, filled(5000, 3));
    await other.shutdown();
  });

  await check('a task with a buffer does not overtake a large set-up', async () => {
    const other = new PoolExecutor({ initializer: remember, initArgs: [filled(20_000_000, 1)] });
    const futures = Array.from({ length: 8 }, () => other.submit(recall, filled(4096, 2)));
    for (const result of await Promise.all(futures)) assert.deepEqual(result, [20_000_000, 4096]);
    await other.shutdown();
  });

  await pool.shutdown();
}
