/** Workers on several hosts. Argument: those hosts, with commas between. */

import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { PoolExecutor, isMain } from 'mpi-futures';
import { check } from './check.mjs';
import * as tasks from './tasks.mjs';

/** Takes long enough for another task to go to another worker. */
async function whereAndWho() {
  await pause(50);
  return `${hostname()} ${process.pid}`;
}

async function failSomewhere() {
  await pause(50);
  throw new Error('on purpose');
}

async function print() {
  await pause(50);
  console.log(`printed on ${hostname()}`);
}

/** No two pages of it are the same. */
function bytes(megabytes) {
  const all = Buffer.alloc(megabytes << 20, 'mpi-futures');
  for (let i = 0; i < all.length; i += 4096) all.writeUInt32LE(i, i);
  return all;
}

/** Starts one more for each worker than there is room for: everybody has a part. */
const everywhere = (pool, fn, ...args) =>
  Array.from({ length: 3 * pool.numWorkers }, () => pool.submit(fn, ...args));

if (isMain) {
  const hosts = process.argv[2].split(',');
  const pool = await new PoolExecutor().bootup();

  await check('there is a worker for each slot', () => {
    assert.equal(pool.numWorkers, 4);
  });

  await check('workers are on all other hosts', async () => {
    const places = new Set(await Promise.all(everywhere(pool, whereAndWho)));
    assert.deepEqual([...new Set([...places].map((place) => place.split(' ')[0]))].sort(), hosts);
    assert.equal(places.size, 4);
    assert.equal(hostname(), 'nodea');
  });

  await check('an error says on which host it was thrown', async () => {
    const failed = await Promise.allSettled(everywhere(pool, failSomewhere));
    const named = failed.map(({ reason }) => /at worker \d of 4 on (\w+)/.exec(reason.stack)?.[1]);
    assert.deepEqual([...new Set(named)].sort(), hosts);
  });

  await check('many small tasks', async () => {
    const numbers = Array.from({ length: 10_000 }, (_, i) => i);
    const results = await pool.map(tasks.add, numbers, numbers).toArray();
    assert.deepEqual(
      results,
      numbers.map((x) => 2 * x),
    );
  });

  await check('64 MB to another host and back', async () => {
    const large = bytes(64);
    assert.ok(large.equals(await pool.submit(tasks.identity, large)));
  });

  await check('buffers to and from all of them, mixed with small tasks', async () => {
    const buffers = Array.from({ length: 12 }, (_, i) => bytes(i % 3));
    const results = await pool.map(tasks.identity, [...buffers, ...hosts, ...buffers]).toArray();
    assert.deepEqual(results, [...buffers, ...hosts, ...buffers]);
  });

  // The test checks which part of this output arrives.
  await Promise.all(everywhere(pool, print));
  await pool.shutdown();
}
