/**
 * A schedule that costs nothing, and gives each task, in the order of the calls, to the first worker that is free.
 * @param {readonly number[]} lengths
 * @param {number} workers
 * @returns {number[]} when each of the tasks ends
 */
export function idealEnds(lengths, workers) {
  const free = new Array(workers).fill(0);
  return lengths.map((length) => {
    const first = free.indexOf(Math.min(...free));
    return (free[first] += length);
  });
}
