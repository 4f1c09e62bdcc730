// Measures the limits of one master: its CPU time per task with 4 to 4096 simulated workers, how long tasks must be to keep 1024
// workers busy, and the gain of trees of masters. These are the figures of docs/design/scaling.md.
//
//     mpiexec -n 1 node bench/scaling.mjs [ROUNDS]
//     node bench/scaling.mjs --ratio         JSON: CPU per task with 4096 workers, divided by that with 4

import { isMain } from 'mpi-futures';
import { table } from './report/tables.mjs';
import { masterTime } from './scaling/master_time.mjs';
import { simulate } from './scaling/simulated_pool.mjs';
import { median } from './support/statistics.mjs';

const TASKS = 50_000;
/** A worker does such tasks one at a time, and short ones many to a message. In ms. */
const LONG = 50;
const SHORT = 0.01;

if (isMain) {
  if (process.argv[2] === '--ratio') await printRatio();
  else await report(Number(process.argv[2] ?? 5));
}

async function printRatio() {
  const [few, many] = await medians(2, [4, 4096], (workers) => ({ ...{ workers, tasks: 12_000 }, runTime: LONG })); // prettier-ignore
  console.log(JSON.stringify({ cpu: many.cpu / few.cpu }));
}

async function report(rounds) {
  const counts = [4, 64, 1024, 4096];
  const long = await medians(rounds, counts, (workers) => ({ ...{ workers, tasks: TASKS }, runTime: LONG })); // prettier-ignore
  const short = await medians(rounds, counts, (workers) => ({ ...{ workers, tasks: 4 * TASKS }, runTime: SHORT })); // prettier-ignore
  print('CPU of the master for each task, µs', [
    ['workers', ...counts.map(String)],
    ['one task to a message', ...long.map(({ cpu }) => cpu.toFixed(1))],
    ['short tasks', ...short.map(({ cpu }) => cpu.toFixed(1))],
    ['messages for each of these', ...short.map(({ messages }) => messages.toFixed(3))],
    ['bytes sent and received for each', ...short.map(({ bytes }) => bytes.toFixed(0))],
  ]);

  console.log(
    `\nHeap of the master for each of ${counts.at(-1)} workers: ${Math.round(long.at(-1).heap)} B.`,
  );

  const real = await masterTime();
  const [, one] = await medians(rounds, [1, 4], (workers) => ({ ...{ workers, tasks: TASKS }, runTime: LONG })); // prettier-ignore
  const native = Math.max(0, real - one.cpu) / 2 / 1000;
  console.log(
    `\nThe JavaScript thread of a real master, one task at a time: ${real.toFixed(1)} µs for each. ` +
      `A message is taken to cost it ${(1000 * native).toFixed(1)} µs more than a simulated one.\n`,
  );

  const lengths = [1, 3, 10, 30, 100, 300];
  const kept = [];
  for (const workers of [64, 1024, 4096]) {
    const row = await medians(rounds, lengths, (runTime) => ({ ...{ workers, tasks: 20 * workers }, runTime, native })); // prettier-ignore
    kept.push([String(workers), ...row.map(({ efficiency }) => efficiency.toFixed(2))]);
  }
  print('Part of the ideal speed, one master', [['workers', ...lengths.map((l) => `${l} ms`)], ...kept]); // prettier-ignore

  const trees = [];
  for (const [masters, below] of [
    [16, 64],
    [64, 64],
  ]) {
    const row = [];
    for (const runTime of lengths) row.push((await tree(rounds, masters, below, runTime, native)).toFixed(2)); // prettier-ignore
    trees.push([`${masters} × ${below}`, ...row]);
  }
  print('Part of the ideal speed, masters below a master', [['masters × workers', ...lengths.map((l) => `${l} ms`)], ...trees]); // prettier-ignore
}

/** A task of the upper master is 100 tasks for each worker of a lower one, which has a core of its own. */
async function tree(rounds, masters, below, runTime, native) {
  const tasks = 100 * below;
  const [{ makespan }] = await medians(rounds, [runTime], () => ({ ...{ workers: below, tasks }, runTime, native })); // prettier-ignore
  const chunks = 10 * masters;
  const [upper] = await medians(rounds, [masters], (workers) => ({ ...{ workers, tasks: chunks }, runTime: makespan, native })); // prettier-ignore
  return (chunks * tasks * runTime) / (masters * below * upper.makespan);
}

/** In turns, after one that does not count. */
async function medians(rounds, values, workOf) {
  const outcomes = values.map(() => []);
  for (let round = -1; round < rounds; round++)
    for (const [i, value] of values.entries()) {
      const outcome = await simulate(workOf(value));
      if (round >= 0) outcomes[i].push(outcome);
    }
  return outcomes.map((own) =>
    Object.fromEntries(Object.keys(own[0]).map((key) => [key, median(own.map((one) => one[key]))])),
  );
}

function print(title, rows) {
  console.log(`\n### ${title}\n\n${table(rows)}`);
}
