/** Large messages and broadcasts between two ranks, with `mpi-futures/mpi`: node messages.mjs BYTES TIMES, with 2 ranks. */

import { isMain } from 'mpi-futures';
import { COMM_WORLD } from 'mpi-futures/mpi';
import { median } from '../support/statistics.mjs';

/** Median in ms, from the start of both ranks to the end of the last one. */
async function oneWay(times, call) {
  const taken = [];
  for (let i = 0; i < times; i++) {
    await COMM_WORLD.barrier();
    const start = performance.now();
    await call();
    await COMM_WORLD.barrier();
    taken.push(performance.now() - start);
  }
  return median(taken);
}

if (isMain) {
  const [bytes, times] = process.argv.slice(2).map(Number);
  const { rank } = COMM_WORLD;
  const array = new Float64Array(bytes / 8).fill(1);
  const message = await oneWay(times, async () => {
    if (rank === 0) await COMM_WORLD.send(array, 1);
    else await COMM_WORLD.recvInto(array, 0);
  });
  const broadcast = await oneWay(times, () => COMM_WORLD.bcast(array, 0));
  if (rank === 0) console.log(JSON.stringify({ message, broadcast }));
}
