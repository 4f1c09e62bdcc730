/**
 * Tasks of known lengths, all submitted at once, against an ideal schedule: one that costs nothing, and gives each task, in the
 * order of the calls, to the first worker that is free. A task is an amount of work. How much of it makes a millisecond is
 * measured with all workers busy, right before and right after: so the ideal has the cores that the pool has.
 */

import { idealEnds } from './ideal_schedule.mjs';
import { timed } from './timing.mjs';
import { median } from '../../support/statistics.mjs';

/** A task of so many rounds takes some 50 ms. */
const calibrationRounds = 50_000_000;
const calibrations = 3;

/**
 * By name of the schedule: `efficiency`, the time that the ideal schedule takes divided by the time taken; `wait`, how long
 * the shorter half of the tasks' lengths waited for their results, median, divided by the same of the ideal schedule.
 * @param {Record<string, [count: number, milliseconds: number][]>} schedules runs of tasks of one length
 */
export async function schedules(pool, { schedules, workers }) {
  const results = {};
  for (const [name, runs] of Object.entries(schedules)) {
    const lengths = runs.flatMap(([count, length]) => new Array(count).fill(length));
    results[name] = await schedule(pool, lengths, workers);
  }
  return results;
}

async function schedule(pool, lengths, workers) {
  const before = await roundsPerMillisecond(pool, workers);
  const tasks = lengths.map((length) => Math.max(1, Math.round(length * before)));
  const ends = new Array(tasks.length);
  const start = performance.now();
  const time = await timed(() =>
    Promise.all(
      tasks.map(async (rounds, i) => {
        await pool.run('work', rounds);
        ends[i] = performance.now() - start;
      }),
    ),
  );
  const speed = (before + (await roundsPerMillisecond(pool, workers))) / 2;
  const ideal = idealEnds(
    tasks.map((rounds) => rounds / speed),
    workers,
  );
  const shortest = Math.min(...lengths);
  const ofShort = (values) => median(values.filter((_, i) => lengths[i] === shortest));
  return { efficiency: Math.max(...ideal) / time, wait: ofShort(ends) / ofShort(ideal) };
}

async function roundsPerMillisecond(pool, workers) {
  const times = [];
  for (let i = 0; i < calibrations; i++) {
    const calls = Array.from({ length: workers }, () => pool.run('work', calibrationRounds));
    times.push(await timed(() => Promise.all(calls)));
  }
  return calibrationRounds / median(times);
}
