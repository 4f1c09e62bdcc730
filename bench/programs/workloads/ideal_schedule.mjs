/**
 * A schedule that costs nothing, and gives each task, in the order of the calls, to the first worker that is free.
 * @param {readonly number[]} lengths
 * @param {number} workers
 * @returns {{ worker: number, end: number }[]} who does each of the tasks, and when it ends
 */
export function idealSchedule(lengths, workers) {
  const free = new Array(workers).fill(0);
  return lengths.map((length) => {
    const worker = free.indexOf(Math.min(...free));
    return { worker, end: (free[worker] += length) };
  });
}
