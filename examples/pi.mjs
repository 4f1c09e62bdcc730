// π by throwing darts: Monte Carlo in independent parts, each with random numbers of its own seed.
//
//   MPI_FUTURES_MAX_WORKERS=4 node examples/pi.mjs [darts] [tasks]
//   npx mpi-futures -n 5 examples/pi.mjs [darts] [tasks]

import { PoolExecutor, isMain } from 'mpi-futures';
import { countAt } from './arguments.mjs';

/** A generator of its own for each seed: "mulberry32". */
function randomOf(seed) {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How many of so many darts hit the quarter of a circle. */
function hits(seed, darts) {
  const random = randomOf(seed);
  let inside = 0;
  for (let dart = 0; dart < darts; dart++) if (random() ** 2 + random() ** 2 < 1) inside++;
  return inside;
}

if (isMain) {
  const darts = countAt(2, 'darts', 100_000_000);
  const tasks = countAt(3, 'tasks', 100);
  const each = Math.ceil(darts / tasks);

  const pool = new PoolExecutor();
  const start = performance.now();
  let inside = 0;
  let thrown = 0;
  // Sums need no order: each part is added when it is there.
  for await (const count of pool.map((seed) => hits(seed, each), Array(tasks).keys(), {
    unordered: true,
  })) {
    inside += count;
    thrown += each;
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(2);
  await pool.shutdown();

  const share = inside / thrown;
  const estimate = 4 * share;
  const error = 4 * Math.sqrt((share * (1 - share)) / thrown);
  console.log(`${thrown} darts in ${tasks} tasks, ${seconds} s`);
  console.log(`π ≈ ${estimate.toFixed(6)} ± ${error.toFixed(6)}`);
  if (Math.abs(estimate - Math.PI) > 5 * error) process.exitCode = 1;
}
