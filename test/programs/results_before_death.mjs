/**
 * Workers die at random moments while the program is busy. What they had answered before counts: it is neither lost nor run
 * again. Arguments: a folder; how many workers die in each round; a seed; `exits` if they are not to die by a signal.
 */

import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { die } from './dying.mjs';
import { PoolExecutor, onThreads } from './executor.mjs';
import { busy } from './tasks.mjs';

/** Writes down when it begins and ends, and dies in between at its first run if it is to. */
function work(folder, name, milliseconds, dies) {
  const log = (what) =>
    appendFileSync(`${folder}/log`, `${what} ${name} ${process.pid}/${threadId}\n`);
  log('begin');
  busy(milliseconds);
  if (dies && !existsSync(`${folder}/died-${name}`)) {
    writeFileSync(`${folder}/died-${name}`, '');
    die();
  }
  log('end');
  return name;
}

/** Of the tasks in a log: those that had answered, as their worker had begun with the next; and how often each has begun. */
function readLog(text) {
  const latest = new Map();
  const answered = new Set();
  const begun = new Map();
  for (const line of text.trim().split('\n')) {
    const [what, name, worker] = line.split(' ');
    if (what === 'end') latest.set(worker, name);
    else {
      begun.set(name, (begun.get(name) ?? 0) + 1);
      if (latest.has(worker)) answered.add(latest.get(worker));
    }
  }
  return { answered, begun };
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

  // Longer than a millisecond, so that each result leaves before the next task begins; short enough that tasks are sent ahead.
  const milliseconds = () => 1.2 + 2 * random();

  const round = async (busyFor) => {
    writeFileSync(`${folder}/log`, '');
    await pool
      .map(work, Array(200).fill(folder), Array(200).fill('first'), Array(200).fill(1.2))
      .toArray();
    const tasks = Array.from({ length: 100 }, (_, index) => ({
      name: `${busyFor}-${index}`,
      executor: random() < 0.5 ? careful : pool,
    }));
    // Chosen among the tasks that workers get at once, so that other tasks are in front of them.
    const first = tasks.filter((task) => task.executor === careful).slice(0, Math.max(10, deaths));
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
    const { answered, begun } = readLog(readFileSync(`${folder}/log`, 'utf8'));
    assert.equal(settled, tasks.length);
    for (const [index, { name, executor, dies }] of tasks.entries()) {
      const { value, reason } = outcomes[index];
      if (executor === careful || answered.has(name)) assert.equal(value, name, reason);
      else if (reason !== undefined) assert.equal(reason.code, 'ERR_WORKER_LOST');
      if (answered.has(name))
        assert.equal(begun.get(name), dies ? begun.get(name) : 1, `${name} ran again`);
      if (dies) assert.ok(existsSync(`${folder}/died-${name}`) && begun.get(name) > 1);
    }
    assert.ok(answered.size > 50);
  };

  // In each case no answered task is lost or run again.
  await check('the program waits', () => round(0));
  await check('the program is busy for 50 ms', () => round(50));
  await check('the program is busy for 300 ms', () => round(300));
  await pool.shutdown();
}
