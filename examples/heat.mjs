// A square plate that cools, its edge kept at zero: a classic MPI program, without executors. Each rank has some rows of the
// grid, and after every step neighbours exchange the rows at their border.
//
//   mpiexec -n 4 node examples/heat.mjs [points per side] [steps]

import { COMM_WORLD, MAX } from 'mpi-futures/mpi';
import { countAt } from './arguments.mjs';

const { rank, size } = COMM_WORLD;
const n = countAt(2, 'points per side', 200);
const steps = countAt(3, 'steps', 500);
const h = 1 / (n + 1);
const ratio = 0.2; // of time step × conductivity to h²

const first = Math.floor((rank * n) / size);
const rows = Math.floor(((rank + 1) * n) / size) - first;

// With a row of the neighbour's, or of the edge, above and below.
let plate = new Float64Array((rows + 2) * n);
let next = new Float64Array(plate.length);

const wave = (i, j) => Math.sin(Math.PI * h * (first + i)) * Math.sin(Math.PI * h * (j + 1));
for (let i = 1; i <= rows; i++) for (let j = 0; j < n; j++) plate[i * n + j] = wave(i, j);

for (let step = 0; step < steps; step++) {
  await exchangeHalos();
  for (let at = n; at < (rows + 1) * n; at++) {
    const left = at % n > 0 ? plate[at - 1] : 0;
    const right = at % n < n - 1 ? plate[at + 1] : 0;
    const around = left + right + plate[at - n] + plate[at + n];
    next[at] = plate[at] + ratio * (around - 4 * plate[at]);
  }
  [plate, next] = [next, plate];
}

async function exchangeHalos() {
  const exchange = async (neighbour, own, halo) => {
    if (neighbour < 0 || neighbour === size) return;
    const row = plate.subarray(own, own + n);
    plate.set(await COMM_WORLD.sendrecv(row, neighbour, neighbour), halo);
  };
  const end = plate.length;
  await Promise.all([exchange(rank - 1, n, 0), exchange(rank + 1, end - 2 * n, end - n)]);
}

// The first shape only fades, in each step by the same factor.
const left = (1 - 4 * ratio * (1 - Math.cos(Math.PI * h))) ** steps;
let error = 0;
for (let i = 1; i <= rows; i++)
  for (let j = 0; j < n; j++)
    error = Math.max(error, Math.abs(plate[i * n + j] - left * wave(i, j)));
const [largest] = await COMM_WORLD.allreduce(Float64Array.of(error), MAX);

if (rank === 0) {
  console.log(
    `${n}×${n} points, ${steps} steps on ${size} ranks: ${(left * 100).toFixed(1)} % left`,
  );
  console.log(`largest error: ${largest.toExponential(1)}`);
  if (!(largest < 1e-12)) process.exitCode = 1;
}
