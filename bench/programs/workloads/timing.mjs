/** How long things take, in milliseconds. */

import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../../support/statistics.mjs';

export { sleep };

export async function timed(call) {
  const start = performance.now();
  await call();
  return performance.now() - start;
}

/** Each call begins when the last one has ended. */
export async function timesOf(count, call) {
  const times = [];
  for (let i = 0; i < count; i++) times.push(await timed(call));
  return times;
}

export async function medianTime(count, call) {
  return median(await timesOf(count, call));
}
