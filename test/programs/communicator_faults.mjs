/** Two ranks use communicators while a call of MPI fails (test/native/guard.c). Prints what becomes of it. */

import { ANY_SOURCE, COMM_WORLD, SUM } from 'mpi-futures/mpi';

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
  const copy = await COMM_WORLD.dup();
  const part = await copy.split(0, -rank);
  const numbers = new Float64Array(1000);
  for (const communicator of [copy, part]) {
    await communicator.allgather(new Uint8Array(rank + 1));
    await communicator.bcast(numbers, 0);
    await communicator.reduce(numbers, SUM, 1);
    await communicator.scan(numbers, SUM);
    await communicator.barrier();
    await communicator.free();
  }
  console.log('done');
} catch (error) {
  console.log(`${error.name} ${error.code} ${error.call} ${error.errorClass}`);
  process.exitCode = 3;
}
