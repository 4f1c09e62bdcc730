/**
 * Full load of all kinds for a time: memory and descriptors of the master and of the workers' processes stay as they are.
 * MPI_FUTURES_TEST_SECONDS: the seconds. Isolated workers also lose their processes meanwhile.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMain, PoolExecutor } from 'mpi-futures';
import { check } from './check.mjs';
import * as tasks from './tasks.mjs';

const samples = 30;
const isIsolated = process.env.MPI_FUTURES_ISOLATE === '1';

/** What this process has after a collection, in bytes and descriptors, and which process has started it. */
export function held() {
  setFlagsFromString('--expose-gc');
  globalThis.collect ??= runInNewContext('gc');
  globalThis.collect();
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  return {
    pid: process.pid,
    parent: process.ppid,
    heap: heapUsed + external + arrayBuffers,
    rss,
    descriptors: readdirSync('/dev/fd').length,
  };
}

/** What a process has that runs no tasks. */
function heldBy(pid) {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return { rss: kilobytes * 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length };
}

const half = (values) => values.map((value) => value / 2);
const numbers = [...Array(500).keys()];
const large = new Float64Array(1 << 17).fill(1);

/** Each submits some tasks, and looks at what becomes of them. */
const loads = [
  async (pool) => {
    const sums = await Promise.all(numbers.map((i) => pool.submit(tasks.add, i, 1)));
    assert.equal(tasks.sum(sums), tasks.sum(numbers) + numbers.length);
  },
  async (pool) => {
    const sums = await Promise.all(numbers.map((i) => pool.submit(tasks.add, i, 1)));
    assert.equal(tasks.sum(sums), tasks.sum(numbers) + numbers.length);
  },
  async (pool) => {
    assert.equal(await pool.submit(tasks.sum, large), large.length);
    assert.equal((await pool.submit(half, large))[7], 0.5);
  },
  async (pool) => {
    const doubled = await pool.map((x) => 2 * x, numbers, { chunkSize: 7 }).toArray();
    assert.deepEqual(doubled.at(-1), 998);
  },
  async (pool) => {
    const shift = Math.random();
    assert.equal(await pool.submit((x) => x + shift, 1), 1 + shift);
    await assert.rejects(pool.submit(tasks.throwTypeError, 'soak'), TypeError);
  },
  async (pool) => {
    const late = pool.with({ timeout: 2, killAfter: Infinity }).submit(tasks.later, 1, 5);
    await late.catch(({ code }) => assert.equal(code, 'ERR_TIMEOUT'));
    const futures = numbers.slice(0, 50).map((i) => pool.submit(tasks.identity, i));
    for (const future of futures) future.cancel();
    await Promise.allSettled(futures);
  },
];

/** Of the middle third and of the last: what comes before is the start. */
function medians(values) {
  const middle = (some) => [...some].sort((a, b) => a - b)[some.length >> 1];
  const third = Math.floor(values.length / 3);
  return [middle(values.slice(third, 2 * third)), middle(values.slice(-third))];
}

if (isMain) {
  const milliseconds = Number(process.env.MPI_FUTURES_TEST_SECONDS) * 1000;
  const pool = await new PoolExecutor().bootup();
  const careful = pool.with({ retries: 100 });
  /** The samples of each: master, and the workers or their keepers and the processes beside them. */
  const seen = new Map();
  const note = (who, { heap, rss, descriptors }) => {
    for (const [what, value] of Object.entries({ heap, rss, descriptors })) {
      if (value === undefined) continue;
      const name = `${who}, ${what}`;
      if (!seen.has(name)) seen.set(name, []);
      seen.get(name).push(value);
    }
  };

  /** What all processes have now; of several the one with most. */
  async function sample() {
    note('master', held());
    const workers = new Map();
    while (workers.size < pool.numWorkers || workers.size === 0)
      for (const each of await Promise.all(Array.from({ length: 8 }, () => careful.submit(held))))
        workers.set(isIsolated ? each.parent : each.pid, each);
    const most = (of, what) => Math.max(...of.map((each) => each[what]));
    const all = (of) => ({
      heap: 'heap' in of[0] ? most(of, 'heap') : undefined,
      rss: most(of, 'rss'),
      descriptors: most(of, 'descriptors'),
    });
    note('workers', all([...workers.values()]));
    if (isIsolated && process.platform === 'linux') note('keepers', all([...workers.keys()].map(heldBy))); // prettier-ignore
  }

  await check('under full load each task has its outcome', async () => {
    let isOver = false;
    const rounds = loads.map(() => 0);
    const working = loads.map(async (load, number) => {
      for (; !isOver; rounds[number]++) await load(careful);
    });
    const failed = Promise.all(working);
    failed.catch(() => undefined);
    for (let at = 0; at < samples; at++) {
      const before = [...rounds];
      await Promise.race([pause(milliseconds / samples), failed]);
      // All kinds of load are behind each sample, however slow the machine is.
      while (rounds.some((count, number) => count === before[number]))
        await Promise.race([pause(5), failed]);
      await Promise.race([sample(), failed]);
      if (isIsolated)
        await assert.rejects(pool.submit(() => process.kill(process.pid, 'SIGKILL')), { code: 'ERR_WORKER_LOST' }); // prettier-ignore
    }
    isOver = true;
    await failed;
  });

  await check('memory and descriptors of all processes stay as they are', async () => {
    const report = [];
    for (const [name, values] of seen) {
      const [before, after] = medians(values);
      const isCount = name.endsWith('descriptors');
      const most = isCount ? before + 4 : before * 1.2 + (24 << 20);
      const say = (value) => (isCount ? value : `${(value / 2 ** 20).toFixed(1)} MB`);
      report.push(`${name}: ${say(before)}, ${say(after)}${after > most ? ' GROWS' : ''}`);
    }
    console.log(`${pool.stats().submitted} tasks\n${report.join('\n')}`);
    assert.deepEqual(
      report.filter((line) => line.endsWith('GROWS')),
      [],
    );
  });

  await pool.shutdown();
}
