// Measures what isolation costs, and how soon a worker is back after its process was killed. The figures of docs/design/isolation.md.
//
//     mpiexec -n 1 node bench/isolation.mjs [rounds]
//     MPI_FUTURES_ISOLATE=0|1 mpiexec -n 2 node dist/cli/main.js bench/isolation.mjs [rounds]
//
// Spawned, two pools of one worker, of which one is isolated, do the same in turn. Static ranks are one or the other for the whole
// program, as the variable says: run it once for each.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { PoolExecutor, isMain } from 'mpi-futures';
import { openWith } from './programs/pools/mpi_futures.mjs';
import { sleep, timesOf } from './programs/workloads/timing.mjs';
import { inFlight, oneAtATime } from './programs/workloads/rates.mjs';
import { thereAndBack } from './programs/workloads/transfers.mjs';
import { median } from './support/statistics.mjs';

const size = 64 << 20;

/** Of a pool, by what is measured. */
const figures = {
  'one at a time, µs': (pool) => oneAtATime(pool, { tasks: 10_000 }),
  '20 000 in flight, k/s': async (pool) =>
    (await inFlight(pool, { warmUp: 600, bursts: 5, tasks: 20_000 })) / 1000,
  '64 MB there and back, ms': async (pool) =>
    (await thereAndBack(pool, { sizes: [size], trips: 40 }))[size],
};

if (isMain) {
  const rounds = Number(process.argv[2] ?? 3);
  const { MPI_FUTURES_ISOLATE: chosen } = process.env;
  const kinds = chosen === undefined ? ['plain', 'isolated'] : [chosen === '1' ? 'isolated' : 'plain']; // prettier-ignore
  const pools = [];
  for (const kind of kinds) {
    const options = chosen === undefined && kind === 'isolated' ? { isolate: true } : {};
    pools.push({ kind, pool: await openWith(PoolExecutor, 1, options) });
  }
  for (const { kind, pool } of pools)
    show(`memory of the process of tasks at the start, MB, ${kind}`, [memoryOf(await pool.run('processId'))]); // prettier-ignore
  for (const [name, figure] of Object.entries(figures)) {
    const values = pools.map(() => []);
    for (let round = 0; round < rounds; round++)
      for (const [i, { pool }] of pools.entries()) values[i].push(await figure(pool));
    for (const [i, { kind }] of pools.entries()) show(`${name}, ${kind}`, values[i]);
  }
  const isolated = pools.find(({ kind }) => kind === 'isolated')?.pool;
  if (isolated) await kill(isolated, 5 * rounds);
  for (const { pool } of pools) await pool.close();
}

/** Kills the process of the worker so many times. */
async function kill(pool, times) {
  const fails = [];
  const back = [];
  for (let kill = 0; kill < times; kill++) {
    const victim = await pool.run('processId');
    const stuck = pool.run('never').catch(() => undefined);
    await sleep(20); // it has begun by then
    const start = performance.now();
    process.kill(victim, 'SIGKILL');
    await stuck;
    fails.push(performance.now() - start);
    await pool.run('processId');
    back.push(performance.now() - start);
  }
  show('the future fails after a SIGKILL, ms', fails);
  show('the worker has done its next task, ms', back);
  const startNode = () => spawnSync(process.execPath, ['-e', '0']);
  show('a Node.js that does nothing, ms', await timesOf(times, startNode));
}

/** Resident, in MB; Linux only. @param {number} pid */
function memoryOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)[1]) / 1024;
}

function show(name, values) {
  const text = (value) => value.toPrecision(3);
  const range = `${text(Math.min(...values))} to ${text(Math.max(...values))}`;
  console.log(`${name.padEnd(58)} ${text(median(values))} (${range})`);
}
