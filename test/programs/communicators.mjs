/** Communicators: what they are, and what becomes of them. */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { COMM_SELF, COMM_WORLD } from 'mpi-futures/mpi';
import { check } from './on_all_ranks.mjs';
import { assertNoMoreThan, nativeCounts } from './native_counts.mjs';

const { rank, size } = COMM_WORLD;
const ranks = Array.from({ length: size }, (_, rank) => rank);

await check('rank and size are those of the launcher', async () => {
  assert.equal(size, Number(process.env.OMPI_COMM_WORLD_SIZE ?? process.env.PMI_SIZE));
  assert.equal(rank, Number(process.env.OMPI_COMM_WORLD_RANK ?? process.env.PMI_RANK));
  assert.deepEqual(await COMM_WORLD.allgather(rank), ranks);
  assert.deepEqual([COMM_WORLD.rank, COMM_WORLD.size], [rank, size]);
  assert.deepEqual([COMM_WORLD.isInter, COMM_WORLD.remoteSize], [false, 0]);
});

await check('what console.log shows', () => {
  assert.equal(inspect(new Proxy(COMM_WORLD, {})), 'Communicator {}');
  assert.match(inspect(COMM_WORLD), /^Communicator \{ MPI_COMM_WORLD, rank: \d, size: \d \}$/);
});

await check('COMM_SELF is this process alone', async () => {
  assert.deepEqual([COMM_SELF.rank, COMM_SELF.size], [0, 1]);
  assert.deepEqual(await COMM_SELF.allgather(rank), [rank]);
});

await check('split makes one communicator for each color, in the order of the keys', async () => {
  const part = await COMM_WORLD.split(rank % 2, -rank);
  const members = ranks.filter((other) => other % 2 === rank % 2).reverse();
  assert.deepEqual(await part.allgather(rank), members);
  assert.deepEqual([part.rank, part.size], [members.indexOf(rank), members.length]);
  await part.free();
});

await check('split with an undefined color gives null', async () => {
  const part = await COMM_WORLD.split(rank === 0 ? undefined : 7);
  if (rank === 0) assert.equal(part, null);
  else assert.deepEqual(await part.allgather(rank), ranks.slice(1));
  await part?.free();
});

await check('dup keeps the ranks', async () => {
  const copy = await COMM_WORLD.dup();
  assert.deepEqual([copy.rank, copy.size, copy.name], [rank, size, COMM_WORLD.name]);
  await copy.free();
});

await check('what was freed cannot be used', async () => {
  const copy = await COMM_WORLD.dup();
  const before = copy.allgather(rank);
  await copy.free();
  assert.deepEqual(await before, ranks);
  const refusal = { code: 'ERR_INVALID_STATE', message: /free\(\) was called/ };
  await assert.rejects(copy.barrier(), refusal);
  await assert.rejects(copy.free(), refusal);
  await assert.rejects(copy.dup(), refusal);
  assert.deepEqual([copy.rank, copy.size], [rank, size]);
});

await check('COMM_WORLD and COMM_SELF cannot be freed', async () => {
  await assert.rejects(COMM_WORLD.free(), { code: 'ERR_INVALID_STATE' });
  await assert.rejects(COMM_SELF.disconnect(), { code: 'ERR_INVALID_STATE' });
});

await check('several can be made at once, of several', async () => {
  const copies = [];
  for (let index = 0; index < 12; index++) copies.push(await COMM_WORLD.dup());
  const isSplit = (index) => index % 2 === 1;
  for (let round = 0; round < 4; round++) {
    const made = await Promise.all(
      copies.map((copy, index) => (isSplit(index) ? copy.split(0, -rank) : copy.dup())),
    );
    assert.deepEqual(
      made.map((each) => each.rank),
      made.map((_, index) => (isSplit(index) ? size - 1 - rank : rank)),
    );
    await Promise.all(made.map((each) => each.free()));
  }
  await Promise.all(copies.map((copy) => copy.free()));
});

await check('operations on several communicators can be outstanding at once', async () => {
  const copies = [];
  for (let index = 0; index < 4; index++) copies.push(await COMM_WORLD.dup());
  const order = rank % 2 === 0 ? copies : [...copies].reverse();
  const results = await Promise.all(order.map((copy) => copy.allgather(copies.indexOf(copy))));
  for (const [index, result] of results.entries()) {
    assert.deepEqual(result, new Array(size).fill(copies.indexOf(order[index])));
  }
  await Promise.all(copies.map((copy) => copy.free()));
});

await check('what was freed is freed in native code too', async () => {
  const before = nativeCounts();
  for (let times = 0; times < 10; times++) {
    const copy = await COMM_WORLD.dup();
    assert.deepEqual(await copy.allgather(rank), ranks);
    copy.send(rank, (rank + 1) % size).catch(() => undefined);
    assert.equal(await copy.recv(), (rank + size - 1) % size);
    await copy.free();
  }
  await assertNoMoreThan(before);
});
