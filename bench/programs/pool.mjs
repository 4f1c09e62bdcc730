/** Measures one worker from inside: takes how much to do as JSON, prints what it measured as JSON. */

import { PoolExecutor, isMain } from 'mpi-futures';
import { median } from '../support/statistics.mjs';

export function nothing() {}

export function echo(array) {
  return array;
}

/** Tasks per second. */
async function inFlight(pool, bursts, count) {
  const milliseconds = await medianTime(bursts, () =>
    Promise.all(Array.from({ length: count }, () => pool.submit(nothing))),
  );
  return count / (milliseconds / 1000);
}

/** Median in microseconds. */
async function oneAtATime(pool, count) {
  return 1000 * (await medianTime(count, () => pool.submit(nothing)));
}

/** Median in milliseconds. */
async function thereAndBack(pool, count, length) {
  const array = Float64Array.from({ length }, (_, i) => i);
  return medianTime(count, async () => {
    const result = await pool.submit(echo, array);
    if (result.length !== length || result[length - 1] !== length - 1) throw new Error('damaged');
  });
}

async function medianTime(count, call) {
  const times = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await call();
    times.push(performance.now() - start);
  }
  return median(times);
}

if (isMain) {
  const { bursts, tasks, singles, trips, length } = JSON.parse(process.argv[2]);
  const pool = await new PoolExecutor({ maxWorkers: 1 }).bootup();
  const result = {
    inFlight: await inFlight(pool, bursts, tasks),
    oneAtATime: await oneAtATime(pool, singles),
    thereAndBack: await thereAndBack(pool, trips, length),
  };
  await pool.shutdown();
  console.log(JSON.stringify(result));
}
