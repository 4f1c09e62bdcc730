/**
 * Workers die at random moments while the program is busy. A result that was sent before is a result: it is neither lost nor run
 * again. Arguments: a folder; how many workers die in each round; a seed; `exits` if they are not to die by a signal.
 */

import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { threadId } from 'node:worker_threads';
import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { die } from './dying.mjs';
import { PoolExecutor, onThreads } from './executor.mjs';
import { busy } from './tasks.mjs';

/** Milliseconds for which a worker may hold a result back: docs/guide/tasks.md. */
const longestHold = 4;

/** Writes down when it begins and ends, and dies in between at its first run if it is to. */
function work(folder, name, milliseconds, dies) {
  const log = (what) => {
    const line = `${what} ${name} ${process.pid}/${threadId} ${performance.now()}`;
    appendFileSync(`${folder}/log`, `${line}\n`);
  };
  log('begin');
  busy(milliseconds);
  if (dies && !existsSync(`${folder}/died-${name}`)) {
    writeFileSync(`${folder}/died-${name}`, '');
    die();
  }
  log('end');
  return name;
}

/**
 * Of the tasks in a log: those that had answered, how often each has begun, and which began after their answer. When a task
 * begins, the worker has sent the results of all tasks that began longer before the end of the last one than it may hold a
 * result back.
 */
function readLog(text) {
  const workers = new Map();
  const answered = new Set();
  const begun = new Map();
  const again = [];
  for (const line of text.trim().split('\n')) {
    const [what, name, place, time] = line.split(' ');
    if (!workers.has(place)) workers.set(place, { held: [], end: -Infinity });
    const worker = workers.get(place);
    if (what === 'end') {
      worker.end = Number(time);
      continue;
    }
    while (worker.held[0]?.begin < worker.end - longestHold) answered.add(worker.held.shift().name);
    worker.held.push({ name, begin: Number(time) });
    if (answered.has(name)) again.push(name);
    begun.set(name, (begun.get(name) ?? 0) + 1);
  }
  return { answered, begun, again };
}

/** Mulberry32. */
function randomFrom(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

if (isMain) {
  const [folder, deaths, seed] = process.argv.slice(2);
  const random = randomFrom(Number(seed));
  const pool = await new PoolExecutor(onThreads ? {} : { restart: true }).bootup();
  const careful = pool.with({ retries: 100 });

  // So short that many tasks are sent ahead, and results are held back while others run.
  const milliseconds = () => 0.3 + 1.2 * random();

  const round = async (busyFor) => {
    writeFileSync(`${folder}/log`, '');
    await pool
      .map(work, Array(200).fill(folder), Array(200).fill('first'), Array(200).fill(0.3))
      .toArray();
    const tasks = Array.from({ length: 200 }, (_, index) => ({
      name: `${busyFor}-${index}`,
      executor: random() < 0.5 ? careful : pool,
    }));
    // Not among the last ones, so that other tasks are behind them.
    const first = tasks.filter((task) => task.executor === careful).slice(0, Math.max(40, deaths));
    for (let left = Number(deaths); left > 0; left--)
      first.splice(Math.floor(random() * first.length), 1)[0].dies = true;
    writeFileSync(`${folder}/log`, '');
    let settled = 0;
    for (const task of tasks) {
      task.future = task.executor.submit(work, folder, task.name, milliseconds(), task.dies);
      task.future.addDoneCallback(() => settled++);
    }
    await undefined; // the tasks are sent
    await undefined;
    busy(busyFor);
    const outcomes = await Promise.allSettled(tasks.map(({ future }) => future));
    const { answered, begun, again } = readLog(readFileSync(`${folder}/log`, 'utf8'));
    assert.equal(settled, tasks.length);
    for (const [index, { name, executor, dies }] of tasks.entries()) {
      const { value, reason } = outcomes[index];
      if (executor === careful || answered.has(name)) assert.equal(value, name, reason);
      else if (reason !== undefined) assert.equal(reason.code, 'ERR_WORKER_LOST');
      if (dies) assert.ok(existsSync(`${folder}/died-${name}`) && begun.get(name) > 1);
    }
    assert.deepEqual(again, []);
    assert.ok(answered.size > 100);
  };

  // In each case no answered task is lost or run again.
  await check('the program waits', () => round(0));
  await check('the program is busy for 50 ms', () => round(50));
  await check('the program is busy for 300 ms', () => round(300));
  await pool.shutdown();
}
