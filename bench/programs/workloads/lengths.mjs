/**
 * Tasks of known lengths, all submitted at once, against what this machine reaches without a pool, and against an ideal schedule:
 * one that costs nothing, and gives each task, in the order of the calls, to the first worker that is free. A task is an amount of
 * work. How much of it makes a millisecond is measured with all workers busy, right before and right after: so the ideal has the
 * cores that the pool has.
 */

import { BareProcesses } from './bare_processes.mjs';
import { idealSchedule } from './ideal_schedule.mjs';
import { timed } from './timing.mjs';
import { median } from '../../support/statistics.mjs';

/**
 * By name of the schedule:
 *
 * - `efficiency`: the time that as many bare processes take for the same tasks, right before or right after, divided by the time
 *   taken: the peak is what the machine reaches without the system that is measured, as in Task Bench
 * - `nominal`: the time that the ideal schedule takes, divided by the time taken
 * - `wait`: how long the shorter half of the tasks' lengths waited for their results, median, divided by the same of the bare
 *   processes
 *
 * @param {Record<string, [count: number, milliseconds: number][]>} schedules runs of tasks of one length; `calibrations` is of
 * how many long tasks of each worker, of `calibrationRounds`, the speed is the median; `warmUp` is how many tasks of 0.2 ms are done before
 */
export async function schedules(pool, parameters) {
  const { schedules, workers, calibrations, calibrationRounds, warmUp } = parameters;
  const calibrated = () => roundsPerMillisecond(pool, workers, calibrations, calibrationRounds);
  const bare = await BareProcesses.open(workers);
  const results = {};
  // As warm as the pool's workers.
  const longOnes = new Array(workers).fill(calibrationRounds);
  await bare.run(longOnes, idealSchedule(longOnes, workers));
  let before = await calibrated();
  // A master that has just begun takes several times as long for each task: its code is not compiled yet.
  await runAll(pool, new Array(warmUp).fill(Math.round(before / 5)));
  let isPoolFirst = true;
  for (const [name, runs] of Object.entries(schedules)) {
    const lengths = runs.flatMap(([count, length]) => new Array(count).fill(length));
    const tasks = lengths.map((length) => Math.max(1, Math.round(length * before)));
    const ideal = idealSchedule(tasks, workers);
    const pooled = () => runAll(pool, tasks);
    const peak = () => bare.run(tasks, ideal);
    // In turns: who comes second may have the warmer cores.
    const first = isPoolFirst ? await pooled() : await peak();
    const second = isPoolFirst ? await peak() : await pooled();
    const [ofPool, ofBare] = isPoolFirst ? [first, second] : [second, first];
    isPoolFirst = !isPoolFirst;
    const after = await calibrated();
    const rounds = Math.max(...ideal.map(({ end }) => end));
    const speed = (before + after) / 2;
    before = after;
    const shortest = Math.min(...lengths);
    const ofShort = ({ ends }) => median(ends.filter((_, i) => lengths[i] === shortest));
    results[name] = {
      efficiency: ofBare.time / ofPool.time,
      nominal: rounds / speed / ofPool.time,
      wait: ofShort(ofPool) / ofShort(ofBare),
    };
  }
  bare.close();
  return results;
}

/** All at once. The time until all results are there, and when each of them was. */
async function runAll(pool, tasks) {
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
  return { time, ends };
}

async function roundsPerMillisecond(pool, workers, calibrations, calibrationRounds) {
  const times = [];
  for (let i = 0; i < calibrations; i++) {
    const calls = Array.from({ length: workers }, () => pool.run('work', calibrationRounds));
    times.push(await timed(() => Promise.all(calls)));
  }
  return calibrationRounds / median(times);
}
