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

/**
 * By name of the schedule: `efficiency`, the time that the ideal schedule takes divided by the time taken; `wait`, how long
 * the shorter half of the tasks' lengths waited for their results, median, divided by the same of the ideal schedule.
 * @param {Record<string, [count: number, milliseconds: number][]>} schedules runs of tasks of one length; `calibrations` is of
 * how many long tasks of each worker the speed is the median
 */
export async function schedules(pool, { schedules, workers, calibrations }) {
  const calibrated = () => roundsPerMillisecond(pool, workers, calibrations);
  const results = {};
  let before = await calibrated();
  for (const [name, runs] of Object.entries(schedules)) {
    const lengths = runs.flatMap(([count, length]) => new Array(count).fill(length));
    const { time, ends, tasks } = await schedule(pool, lengths, before);
    const after = await calibrated();
    const speed = (before + after) / 2;
    before = after;
    const ideal = idealEnds(
      tasks.map((rounds) => rounds / speed),
      workers,
    );
    const shortest = Math.min(...lengths);
    const ofShort = (values) => median(values.filter((_, i) => lengths[i] === shortest));
    results[name] = { efficiency: Math.max(...ideal) / time, wait: ofShort(ends) / ofShort(ideal) };
  }
  return results;
}

async function schedule(pool, lengths, before) {
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
  return { time, ends, tasks };
}

async function roundsPerMillisecond(pool, workers, calibrations) {
  const times = [];
  for (let i = 0; i < calibrations; i++) {
    const calls = Array.from({ length: workers }, () => pool.run('work', calibrationRounds));
    times.push(await timed(() => Promise.all(calls)));
  }
  return calibrationRounds / median(times);
}
