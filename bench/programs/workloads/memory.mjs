/** Measures the memory that tasks cost the program that submits them. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { sleep } from './timing.mjs';

setFlagsFromString('--expose-gc');
export const collectGarbage = runInNewContext('gc');

/** Bytes of heap for each task that waits, its future included. */
export async function queued(pool, { tasks }) {
  await pool.run('nothing');
  const gate = path.join(await mkdtemp(path.join(tmpdir(), 'mpi-futures-bench-')), 'open');
  const blocked = pool.run('waitFor', gate);
  await sleep(50);
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const futures = new Array(tasks);
  for (let i = 0; i < tasks; i++) futures[i] = pool.run('nothing');
  collectGarbage();
  const bytes = (process.memoryUsage().heapUsed - before) / tasks;
  await writeFile(gate, '');
  await blocked;
  await Promise.all(futures);
  await rm(path.dirname(gate), { recursive: true });
  return bytes;
}

/** Per cent of the time in which the event loop was busy that went to the garbage collector, with so many tasks in flight. */
export async function garbage(pool, { bursts, tasks }) {
  let collecting = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collecting += duration;
  });
  observer.observe({ entryTypes: ['gc'] });
  const before = performance.eventLoopUtilization();
  for (let i = 0; i < bursts; i++)
    await Promise.all(Array.from({ length: tasks }, () => pool.run('nothing')));
  const { active } = performance.eventLoopUtilization(before);
  await sleep(10);
  observer.disconnect();
  return (100 * collecting) / active;
}
