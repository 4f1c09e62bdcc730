// Counts the primes below a limit: each task sieves one segment, and returns a single number.
//
//   MPI_FUTURES_MAX_WORKERS=4 node examples/primes.mjs [limit]
//   npx mpi-futures -n 5 examples/primes.mjs [limit]

import { PoolExecutor, isMain } from 'mpi-futures';
import { countAt } from './arguments.mjs';

const segment = 1_000_000;

/** The primes up to a small limit, by the sieve of Eratosthenes. */
function primesUpTo(limit) {
  const isComposite = new Uint8Array(limit + 1);
  const primes = [];
  for (let n = 2; n <= limit; n++) {
    if (isComposite[n]) continue;
    primes.push(n);
    for (let multiple = n * n; multiple <= limit; multiple += n) isComposite[multiple] = 1;
  }
  return primes;
}

/** How many primes there are from `low` to below `high`. */
function countPrimes(low, high) {
  const isComposite = new Uint8Array(high - low);
  for (const prime of primesUpTo(Math.floor(Math.sqrt(high)))) {
    const first = Math.max(prime * prime, Math.ceil(low / prime) * prime);
    for (let multiple = first; multiple < high; multiple += prime) isComposite[multiple - low] = 1;
  }
  let count = 0;
  for (let n = Math.max(low, 2); n < high; n++) if (!isComposite[n - low]) count++;
  return count;
}

if (isMain) {
  const limit = countAt(2, 'limit', 200_000_000);
  const lows = Array.from({ length: Math.ceil(limit / segment) }, (_, i) => i * segment);

  const pool = new PoolExecutor();
  const start = performance.now();
  const task = (low) => countPrimes(low, Math.min(low + segment, limit));
  let total = 0;
  for await (const count of pool.map(task, lows)) total += count;
  const seconds = ((performance.now() - start) / 1000).toFixed(2);
  const workers = pool.numWorkers;
  await pool.shutdown();

  console.log(`${total} primes below ${limit}, by ${workers} workers in ${seconds} s`);
}
