// Measures what isolation costs, and how soon a worker is back after its process was killed. The figures of docs/design/isolation.md.
//
//     mpiexec -n 1 node bench/isolation.mjs [rounds]
//     mpiexec -n 2 node dist/cli/main.js bench/isolation.mjs plain|isolated [rounds]
//
// Spawned, two pools of one worker, of which one is isolated, do the same in turn. Static ranks are one or the other for the whole
// program, by MPI_FUTURES_ISOLATE: run it once for each.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { PoolExecutor, isMain } from '../dist/entry/index.js';
import { echo, nothing } from './programs/tasks.mjs';
import { median } from './support/statistics.mjs';

const where = () => ({ sandbox: process.pid, keeper: process.ppid });

if (isMain) {
  const [, , first, second] = process.argv;
  const isStatic = first === 'plain' || first === 'isolated';
  const rounds = Number((isStatic ? second : first) ?? 3);
  const pools = isStatic
    ? { [first]: await new PoolExecutor(1).bootup() }
    : {
        plain: await new PoolExecutor({ maxWorkers: 1 }).bootup(),
        isolated: await new PoolExecutor({ maxWorkers: 1, isolate: true }).bootup(),
      };
  await measure(pools, rounds);
  for (const pool of Object.values(pools)) await pool.shutdown();
}

/** @param {Record<string, PoolExecutor>} pools @param {number} rounds */
async function measure(pools, rounds) {
  const array = new Float64Array((64 << 20) / 8);
  /** @type {Record<string, (pool: PoolExecutor) => Promise<number>>} */
  const figures = {
    'one at a time, µs': async (pool) =>
      1000 * (await medianOf(10_000, () => pool.submit(nothing))),
    '20 000 in flight, k/s': async (pool) => {
      const burst = () => Promise.all(Array.from({ length: 20_000 }, () => pool.submit(nothing)));
      return 20_000 / (await medianOf(5, burst));
    },
    '64 MB there and back, ms': (pool) => medianOf(40, () => pool.submit(echo, array)),
  };
  for (const [name, figure] of Object.entries(figures)) {
    const values = Object.fromEntries(Object.keys(pools).map((key) => [key, []]));
    for (let round = 0; round < rounds; round++)
      for (const [key, pool] of Object.entries(pools)) values[key].push(await figure(pool));
    for (const key of Object.keys(pools)) show(`${name}, ${key}`, values[key]);
  }
  const { isolated } = pools;
  if (isolated === undefined) return;
  const { sandbox } = await isolated.submit(where);
  show('memory of a sandbox, MB', [memoryOf(sandbox)]);
  const fails = [];
  const back = [];
  for (let kill = 0; kill < 5 * rounds; kill++) {
    const { sandbox: victim } = await isolated.submit(where);
    const stuck = isolated.submit(() => new Promise(() => undefined));
    while (!stuck.running()) await new Promise(setImmediate);
    const start = performance.now();
    process.kill(victim, 'SIGKILL');
    await stuck.catch(() => undefined);
    fails.push(performance.now() - start);
    await isolated.submit(where);
    back.push(performance.now() - start);
  }
  show('the future fails after a SIGKILL, ms', fails);
  show('the worker has done its next task, ms', back);
  show('a Node.js that does nothing, ms', Array.from({ length: 5 * rounds }, startOfNode));
}

async function medianOf(count, call) {
  const times = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await call();
    times.push(performance.now() - start);
  }
  return median(times);
}

/** Resident, in MB; Linux only. @param {number} pid */
function memoryOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)[1]) / 1024;
}

function startOfNode() {
  const start = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return performance.now() - start;
}

function show(name, values) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const text = (value) => value.toPrecision(3);
  console.log(`${name.padEnd(44)} ${text(median(values))} (${text(least)} to ${text(most)})`);
}
