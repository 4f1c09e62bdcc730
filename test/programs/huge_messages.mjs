/** More than 2^31 bytes in one operation of a communicator. */
import assert from 'node:assert/strict';
import { BOR, COMM_WORLD as comm } from 'mpi-futures/mpi';
import { check } from './on_all_ranks.mjs';

const { rank } = comm;
const length = 2 ** 31 + 12_345;

/** Some places all over it, the first and the last among them. */
function* places() {
  for (let at = 0; at < length; at += 99_999_983) yield at;
  yield length - 1;
}
function marked(mark) {
  const bytes = new Uint8Array(length);
  for (const at of places()) bytes[at] = mark;
  return bytes;
}
function checkMarks(bytes, mark) {
  assert.equal(bytes.length, length);
  for (const at of places()) assert.deepEqual([at, bytes[at]], [at, mark]);
  assert.equal(bytes[1], 0);
}

await check('a message', async () => {
  if (rank === 0) await comm.send(marked(7), 1);
  else checkMarks(await comm.recv(0), 7);
});

await check('a bcast', async () => {
  checkMarks(await comm.bcast(marked(rank + 1)), 1);
});

await check('a reduction', async () => {
  checkMarks(await comm.allreduce(marked(1 << rank), BOR), 3);
});

await check('an allgather whose result is that long', async () => {
  const arrays = await comm.allgather(new Float64Array(150_000_000).fill(rank));
  assert.deepEqual(arrays.map((array) => [array.length, array[0], array.at(-1)]), [0, 1].map((rank) => [150_000_000, rank, rank])); // prettier-ignore
});
