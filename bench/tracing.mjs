// Measures what a trace costs: how much longer tasks of 1 ms take in a pool that is traced. The figure of docs/design/performance.md.
//
//     node bench/tracing.mjs [rounds]
//
// A task is an amount of work, and the same workers do the same tasks with `pool.trace()` and without, in turn, so that whatever else
// happens on the cores slows both. Another pool has MPI_FUTURES_TRACE from its start, and takes its turn with them.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { PoolExecutor, isMain } from '../dist/entry/index.js';
import { work } from './programs/tasks.mjs';
import { median } from './support/statistics.mjs';

const tasks = 500;
const milliseconds = 1;

if (isMain) await measure(Number(process.argv[2] ?? 15));

/** @param {number} rounds */
async function measure(rounds) {
  const folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-bench-'));
  const pool = await new PoolExecutor(1).bootup();
  process.env.MPI_FUTURES_TRACE = path.join(folder, 'trace.json'); // read when a pool starts
  const traced = await new PoolExecutor(1).bootup();
  const amount = await amountOf(pool, milliseconds);

  /** @type {Record<string, () => Promise<number>>} */
  const ways = {
    'not traced': () => timeOf(pool, amount),
    'pool.trace()': async () => {
      const trace = pool.trace();
      const time = await timeOf(pool, amount);
      trace.stop();
      return time;
    },
    'not traced, again': () => timeOf(pool, amount),
    MPI_FUTURES_TRACE: () => timeOf(traced, amount),
  };
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (const run of Object.values(ways)) await run(); // until all code is compiled
  for (let round = 0; round < rounds; round++)
    for (const [name, run] of Object.entries(ways)) times[name]?.push(await run());

  const without = times['not traced'] ?? [];
  for (const [name, all] of Object.entries(times)) {
    const longer = all.map((time, round) => time / (without[round] ?? NaN) - 1);
    console.log(
      `${name.padEnd(18)} ${(median(all) / tasks).toFixed(4)} ms each, ${(100 * median(longer)).toFixed(2)} % longer`,
    );
  }
  await Promise.all([pool.shutdown(), traced.shutdown()]);
  rmSync(folder, { recursive: true });
}

/** Rounds of work that take a worker this long. @param {PoolExecutor} pool @param {number} milliseconds */
async function amountOf(pool, milliseconds) {
  const rounds = 50_000_000;
  await pool.submit(work, rounds); // until it is compiled
  const start = performance.now();
  await pool.submit(work, rounds);
  return Math.round((rounds * milliseconds) / (performance.now() - start));
}

/** Until all results are there, in milliseconds. @param {PoolExecutor} pool @param {number} amount */
async function timeOf(pool, amount) {
  const start = performance.now();
  await Promise.all(Array.from({ length: tasks }, () => pool.submit(work, amount)));
  return performance.now() - start;
}
