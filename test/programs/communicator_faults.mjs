/** Messages between two ranks while a call of MPI fails (test/native/guard.c). Prints what becomes of them. */

import { ANY_SOURCE, COMM_WORLD } from 'mpi-futures/mpi';

const { rank } = COMM_WORLD;
const other = 1 - rank;
try {
  for (let round = 0; round < 10; round++) {
    const sent = COMM_WORLD.send(new Float64Array(round % 2 ? 10 : 1e5), other);
    sent.catch(() => undefined);
    await COMM_WORLD.recv(round % 3 ? other : ANY_SOURCE);
    await sent;
    await COMM_WORLD.allreduce(rank);
  }
  console.log('done');
} catch (error) {
  console.log(`${error.name} ${error.code} ${error.call} ${error.errorClass}`);
  process.exitCode = 3;
}
