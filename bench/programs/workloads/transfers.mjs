/** Large arguments and results. Sizes in bytes. */

import { medianTime, sleep, timed } from './timing.mjs';
import { median } from '../../support/statistics.mjs';

/** Filled by a loop: `Float64Array.from` takes a second for 64 MB. */
function arrayOf(bytes) {
  const array = new Float64Array(bytes / 8);
  for (let i = 0; i < array.length; i++) array[i] = i;
  return array;
}

/** By size: median ms of an array that goes to a worker and comes back. */
export async function thereAndBack(pool, { sizes, trips }) {
  const times = {};
  for (const size of sizes) {
    const array = arrayOf(size);
    const { length } = array;
    times[size] = await medianTime(trips, async () => {
      const result = await pool.run('echo', array);
      if (result.length !== length || result[length - 1] !== length - 1) throw new Error('damaged');
    });
  }
  return times;
}

/** One array for a task on each worker, at once: how many times as long as for one worker after the other. */
export async function toAll(pool, { size, trips, workers }) {
  const array = arrayOf(size);
  const toOne = () => pool.run('take', array);
  const atOnce = () => Promise.all(Array.from({ length: workers }, toOne));
  await atOnce();
  const ratios = [];
  for (let i = 0; i < trips; i++) {
    let alone = 0;
    for (let worker = 0; worker < workers; worker++) alone += await timed(toOne);
    ratios.push((await timed(atOnce)) / alone);
  }
  return median(ratios);
}

/** Median and longest ms of a small task while large arguments go to the same worker or, with several, to others. */
export async function beside(pool, { size, first, milliseconds, every }) {
  const array = arrayOf(size);
  let going = true;
  let taken = 0;
  const stream = async () => {
    for (; going; taken++) await pool.run('take', array);
  };
  const streams = [stream(), stream()];
  // The first transfers use memory that was never touched before, which can take ten times as long.
  while (taken < first) await sleep(every);
  const times = [];
  const start = performance.now();
  while (performance.now() - start < milliseconds) {
    await sleep(every);
    times.push(await timed(() => pool.run('nothing')));
  }
  going = false;
  await Promise.all(streams);
  return { median: median(times), longest: Math.max(...times) };
}
