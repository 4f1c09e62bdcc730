/** When a task is over, nobody keeps what it was sent, has returned or thrown. With --expose-gc. */

import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { isMain, move } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';

const bytes = 100e6;
/** About the memory of one value: V8 takes and gives some as it likes. */
const tolerated = { arrayBuffers: bytes / 4, external: bytes / 4, heapUsed: bytes / 4, rss: bytes };
/** Native memory is kept for a moment, and a loaded machine collects late. */
const longest = 30_000;

/** The objects that were here. */
const refs = [];

function remember(value) {
  if (typeof value === 'object' && value !== null) refs.push(new WeakRef(value));
  return value;
}

async function rememberLater(value) {
  await setTimeout(1);
  return remember(value);
}

function throwWith(value) {
  throw remember(Object.assign(new Error('thrown'), { value: remember(value) }));
}

function memory() {
  globalThis.gc();
  const { arrayBuffers, external, heapUsed, rss } = process.memoryUsage();
  const objects = refs.filter((ref) => ref.deref() !== undefined).length;
  return { objects, arrayBuffers, external, heapUsed, rss };
}

/** Not asynchronous: that would take the place of what an asynchronous task before it has left. */
function memoryOfWorker() {
  const found = memory();
  // Computes for so long that each worker gets one of these tasks.
  for (const end = performance.now() + 15; performance.now() < end;);
  return [`worker ${process.pid}.${threadId}`, found];
}

/** 300 MB of all sorts. */
const large = {
  'a text': () => 'x'.repeat(bytes),
  'nested arrays': () => [[Array.from({ length: 100 }, () => Array(bytes / 800).fill(0.5))]],
  'a buffer': () => new Uint8Array(bytes),
};

/** Of these it is seen whether they are kept, however small. */
const small = {
  'a small object': () => ({ a: [1, { b: 'text' }] }),
  'an object with a getter': () => ({ get a() { return { b: 1 }; }, c: undefined }), // prettier-ignore
  'a list': () => [[[Array(1000).fill({})]]],
  'a moved buffer': () => move(new Uint8Array(5e6)),
  'buffers in a map': () => new Map([[{ key: 1 }, [new Float64Array(1e6), new Int8Array(9)]]]),
};

/** Lists the kinds of memory that have grown by more than is tolerated. */
function excess(before, now) {
  const kept = [`${now.objects} objects`].filter(() => now.objects > 0);
  for (const [name, most] of Object.entries(tolerated))
    if (now[name] - before[name] > most)
      kept.push(`${((now[name] - before[name]) / 1e6).toFixed()} MB of ${name}`);
  return kept;
}

if (isMain) {
  const pool = new PoolExecutor({ maxWorkers: 1 });
  await pool.bootup();

  const everywhere = async () => {
    const found = new Map([['the master', memory()]]);
    while (found.size < 1 + pool.numWorkers) {
      const tasks = Array.from({ length: pool.numWorkers }, () => pool.submit(memoryOfWorker));
      for (const [name, amounts] of await Promise.all(tasks)) found.set(name, amounts);
    }
    return found;
  };

  const send = async (make, ways) => {
    for (const fn of ways) {
      // In a separate function, so that its variables can be freed.
      const result = await (() => pool.submit(fn, remember(make())))().catch((error) => error);
      remember(result);
    }
    if (ways.length > 1)
      for await (const result of pool.map(remember, [make(), { last: 1 }])) remember(result);
  };

  const expectNothingKept = async (kinds, ways) => {
    await send(() => ({ a: new Map([[1, new Uint8Array(5000)]]) }), ways);
    const before = await everywhere();
    const failures = [];
    for (const [kind, make] of Object.entries(kinds)) {
      await send(make, ways);
      const deadline = performance.now() + longest;
      for (;;) {
        const kept = [];
        for (const [name, now] of await everywhere())
          for (const what of excess(before.get(name), now)) kept.push(`${kind}: ${name}: ${what}`);
        if (kept.length === 0) break;
        if (performance.now() > deadline) {
          failures.push(...kept);
          break;
        }
        await setTimeout(100);
      }
    }
    assert.deepEqual(failures, []);
  };

  await check('of large values nothing is kept', () => expectNothingKept(large, [remember]));

  await check('of what was sent, returned or thrown nothing is kept', () =>
    expectNothingKept(small, [remember, rememberLater, throwWith]),
  );

  await pool.shutdown();
}
