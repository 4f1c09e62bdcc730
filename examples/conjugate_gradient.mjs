// Poisson's equation −Δu = 1 on the unit square, u = 0 at its edge, by conjugate gradients. Each worker of the pool has some
// rows of the grid, and all of them compute together: halos from neighbour to neighbour, sums over all.
//
//   MPI_FUTURES_MAX_WORKERS=4 node examples/conjugate_gradient.mjs [points per side]
//   npx mpi-futures -n 5 examples/conjugate_gradient.mjs [points per side]

import { PoolExecutor, getCommWorkers, isMain } from 'mpi-futures';
import { COMM_SELF, SUM } from 'mpi-futures/mpi';
import { countAt } from './arguments.mjs';

const tolerance = 1e-10;

/** The rows of the solution that belong to this rank, from the top; and how many iterations it took. */
async function solve(comm, n) {
  const { rank, size } = comm;
  const first = Math.floor((rank * n) / size);
  const rows = Math.floor(((rank + 1) * n) / size) - first;

  const x = new Float64Array(rows * n);
  const residual = new Float64Array(rows * n).fill(1 / (n + 1) ** 2);
  // The search direction has a row of the neighbour's above its own, and one below.
  const padded = new Float64Array((rows + 2) * n);
  const direction = padded.subarray(n, -n);
  const product = new Float64Array(rows * n);
  direction.set(residual);

  let norm = await dot(comm, residual, residual);
  const enough = norm * tolerance ** 2;
  let iterations = 0;
  for (; norm > enough; iterations++) {
    await exchangeHalos(comm, padded, n);
    multiply(padded, product, n);
    const step = norm / (await dot(comm, direction, product));
    for (let i = 0; i < x.length; i++) {
      x[i] += step * direction[i];
      residual[i] -= step * product[i];
    }
    const next = await dot(comm, residual, residual);
    for (let i = 0; i < x.length; i++) direction[i] = residual[i] + (next / norm) * direction[i];
    norm = next;
  }
  return { first, x, iterations };
}

async function dot(comm, a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  const [total] = await comm.allreduce(Float64Array.of(sum), SUM);
  return total;
}

async function exchangeHalos(comm, padded, n) {
  const { rank, size } = comm;
  const exchange = async (neighbour, own, halo) => {
    if (neighbour < 0 || neighbour === size) return;
    padded.set(await comm.sendrecv(padded.subarray(own, own + n), neighbour, neighbour), halo);
  };
  const end = padded.length;
  await Promise.all([exchange(rank - 1, n, 0), exchange(rank + 1, end - 2 * n, end - n)]);
}

/** The Laplacian's five-point stencil, times −h². */
function multiply(padded, product, n) {
  for (let i = 0; i < product.length; i++) {
    const at = i + n;
    const left = i % n > 0 ? padded[at - 1] : 0;
    const right = i % n < n - 1 ? padded[at + 1] : 0;
    product[i] = 4 * padded[at] - left - right - padded[at - n] - padded[at + n];
  }
}

if (isMain) {
  const n = countAt(2, 'points per side', 200);
  const pool = new PoolExecutor();
  await pool.bootup();
  const workers = pool.numWorkers;
  const start = performance.now();
  // As many tasks as workers: one on each, all at the same time.
  const parts = await pool.map((n) => solve(getCommWorkers(), n), Array(workers).fill(n)).toArray();
  const seconds = ((performance.now() - start) / 1000).toFixed(2);
  await pool.shutdown();

  const sequential = await solve(COMM_SELF, n);
  let difference = 0;
  for (const { first, x } of parts)
    for (const [i, value] of x.entries())
      difference = Math.max(difference, Math.abs(value - sequential.x[first * n + i]));
  console.log(
    `${n}×${n} points by ${workers} workers: ${parts[0].iterations} iterations in ${seconds} s`,
  );
  console.log(`largest difference from a sequential run: ${difference.toExponential(1)}`);
  if (!(difference < 1e-9)) process.exitCode = 1;
}
