/** How programs end whose ranks are all alike. */
import { COMM_WORLD } from 'mpi-futures/mpi';

const { rank, size } = COMM_WORLD;
const last = size - 1;

const ends = {
  async 'each in its own time'() {
    await COMM_WORLD.barrier();
    // Longer than every other limit in this program.
    if (rank === last) await new Promise((resolve) => setTimeout(resolve, 11_000));
    console.log(`rank ${rank} is done`);
  },
  async 'with a message on its way'() {
    if (rank === 0) await COMM_WORLD.send('last words', last);
    if (rank !== last) return; // rank 1 ends without using MPI
    await new Promise((resolve) => setTimeout(resolve, 300));
    console.log(await COMM_WORLD.recv(0));
  },
  async 'by an error that nobody catches'() {
    await COMM_WORLD.barrier();
    if (rank === last) throw new Error('this rank fails');
    await COMM_WORLD.recv(last);
  },
  async 'by an error before MPI has started'() {
    if (rank === last) throw new Error('this rank fails');
    await COMM_WORLD.barrier();
  },
  async 'by process.exit(3)'() {
    await COMM_WORLD.barrier();
    if (rank === 0) process.exit(3);
    await COMM_WORLD.recv(0);
  },
  async 'by process.exit(0) on all'() {
    await COMM_WORLD.barrier();
    void COMM_WORLD.recv();
    process.exit(0);
  },
  async 'while an operation is pending'() {
    await COMM_WORLD.barrier();
    if (rank === 0) {
      void COMM_WORLD.allgather(1);
      setTimeout(() => process.exit(0), 100);
    } else {
      await new Promise((resolve) => setTimeout(resolve, 20_000));
    }
  },
};
await ends[process.argv[2]]();
