/** Tasks that do nothing: what a pool itself costs. */

import { collectGarbage } from './memory.mjs';
import { medianTime, sleep, timed } from './timing.mjs';
import { median } from '../../support/statistics.mjs';

const nothing = (pool) => () => pool.run('nothing');

/** Tasks per second, so many in flight, once that has gone on for `warmUp` ms: until then code is compiled. */
export async function inFlight(pool, { warmUp, bursts, tasks }) {
  const call = nothing(pool);
  const burst = () => Promise.all(Array.from({ length: tasks }, call));
  for (const start = performance.now(); performance.now() - start < warmUp;) await burst();
  const milliseconds = await medianTime(bursts, burst);
  return tasks / (milliseconds / 1000);
}

/** Median in µs: each task is submitted when the result of the last one is there. */
export async function oneAtATime(pool, { tasks }) {
  return 1000 * (await medianTime(tasks, nothing(pool)));
}

/** Median in ms: the pool has slept before each task. */
export async function nowAndThen(pool, { tasks, every }) {
  const times = [];
  for (let i = 0; i < tasks; i++) {
    await sleep(every);
    times.push(await timed(nothing(pool)));
  }
  return median(times);
}

/** CPU time in per cent of a core while nothing is to be done: of this process and, if it is another, of its worker. */
export async function idle(pool, { milliseconds }) {
  const before = [process.cpuUsage(), await pool.run('cpuUsage')];
  const start = performance.now();
  await sleep(milliseconds);
  const elapsed = 1000 * (performance.now() - start);
  const after = [process.cpuUsage(), await pool.run('cpuUsage')];
  const spent = (i) => after[i].user + after[i].system - before[i].user - before[i].system;
  const master = (100 * spent(0)) / elapsed;
  const isProcess = (await pool.run('processId')) !== process.pid;
  return isProcess ? { master, worker: (100 * spent(1)) / elapsed } : { master };
}

/** Numbers per second that go through `map` in chunks; of an endless source, the heap that stays meanwhile, in bytes. */
export async function mapped(pool, { numbers, chunkSize, endless }) {
  let sum = 0;
  const milliseconds = await timed(async () => {
    for await (const square of pool.map('square', range(numbers), chunkSize)) sum += square;
  });
  // Adds in the order of the calls, because each sum above 2 ** 53 is rounded.
  let expected = 0;
  for (const i of range(numbers)) expected += i * i;
  if (sum !== expected) throw new Error('wrong results');
  return {
    rate: numbers / (milliseconds / 1000),
    growth: await growth(pool, endless, chunkSize),
  };
}

async function growth(pool, results, chunkSize) {
  const used = [];
  const iterator = pool.map('square', range(Infinity), chunkSize)[Symbol.asyncIterator]();
  for (let seen = 1; seen <= results; seen++) {
    await iterator.next();
    if (seen !== Math.round(results / 5) && seen !== results) continue;
    collectGarbage();
    used.push(process.memoryUsage().heapUsed);
  }
  await iterator.return();
  return used[1] - used[0];
}

function* range(end) {
  for (let i = 0; i < end; i++) yield i;
}
