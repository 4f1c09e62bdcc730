/** Processes that a program spawns itself, with which it talks through an intercommunicator: this file is both sides. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { COMM_WORLD, getParent, Intercommunicator } from 'mpi-futures/mpi';

const self = process.argv[1];
const count = 2;
const differentCalls = { code: 'ERR_MPI', message: /some ranks have called barrier, others merge/ };
const differentEnds = { code: 'ERR_MPI', message: /the same for high on all ranks of a group/ };
const parent = await getParent();

if (parent === null) {
  const { check } = await import('./on_all_ranks.mjs');
  const root = COMM_WORLD.size - 1;
  let children;

  await check('spawn joins two groups', async () => {
    children = await COMM_WORLD.spawn(process.execPath, [self, 'child'], count, {
      root,
      info: { soft: `1:${count}` },
    });
    assert.ok(children instanceof Intercommunicator);
    assert.deepEqual([children.isInter, children.rank], [true, COMM_WORLD.rank]);
    assert.deepEqual([children.size, children.remoteSize], [COMM_WORLD.size, count]);
  });

  await check('ranks are those of the other group', async () => {
    const large = new Float64Array(100_000).fill(COMM_WORLD.rank);
    await Promise.all(
      [0, 1].map((child) => children.send({ from: COMM_WORLD.rank, large }, child, 3)),
    );
    const answers = await Promise.all([0, 1].map((child) => children.recv(child)));
    assert.deepEqual(answers, [`child 0 of ${count}`, `child 1 of ${count}`]);
    await assert.rejects(children.send(1, count), { code: 'ERR_OUT_OF_RANGE' });
  });

  await check('barrier waits for both groups', async () => {
    let passed = false;
    const barrier = children.barrier().then(() => (passed = true));
    if (COMM_WORLD.rank === 0) {
      // Child 1 waits for a message before it joins.
      await sleep(50);
      const early = passed;
      await children.send('come', 1);
      assert.equal(early, false);
    }
    await barrier;
  });

  await check('wrong on one rank is an error on all, of both groups', async () => {
    const isWrong = COMM_WORLD.rank === 1;
    await assert.rejects(
      children.merge(isWrong ? 'yes' : false),
      isWrong ? { code: 'ERR_INVALID_ARG_TYPE' } : { code: 'ERR_MPI', message: /wrong arguments/ },
    );
    await assert.rejects(isWrong ? children.merge() : children.barrier(), differentCalls);
    await assert.rejects(children.merge(isWrong), differentEnds);
    await children.barrier();
  });

  await check('other collective operations are for one group', async () => {
    const refusal = { code: 'ERR_INTERCOMMUNICATOR', message: /merge\(\)/ };
    await assert.rejects(children.bcast(1), refusal);
    await assert.rejects(children.allreduce(1), refusal);
    await assert.rejects(children.split(0), refusal);
    await assert.rejects(children.spawn('true'), refusal);
  });

  await check('merge makes one communicator of both', async () => {
    const all = await children.merge();
    assert.equal(all.isInter, false);
    assert.deepEqual([all.rank, all.size], [COMM_WORLD.rank, COMM_WORLD.size + count]);
    assert.equal(await all.allreduce(1), COMM_WORLD.size + count);
    await all.free();
  });

  await check('dup of an intercommunicator', async () => {
    const copy = await children.dup();
    assert.ok(copy instanceof Intercommunicator);
    if (COMM_WORLD.rank === 0) assert.equal(await copy.recv(1), 'through the copy');
    await copy.free();
  });

  await check('disconnect', async () => {
    await children.disconnect();
    await assert.rejects(children.barrier(), { code: 'ERR_INVALID_STATE' });
  });

  await check('a program that knows nothing of it can be spawned', async () => {
    const strangers = await COMM_WORLD.spawn(process.execPath, [self, 'quiet']);
    await strangers.disconnect();
  });
} else if (process.argv[2] === 'child') {
  const { rank, size } = COMM_WORLD;
  for (let source = 0; source < parent.remoteSize; source++) {
    const { from, large } = await parent.recv(source, 3);
    assert.deepEqual([from, large.length, large.at(-1)], [source, 100_000, source]);
    await parent.send(`child ${rank} of ${size}`, source);
  }
  if (rank === 1) assert.equal(await parent.recv(0), 'come');
  await parent.barrier();
  await assert.rejects(parent.merge(true), { code: 'ERR_MPI', message: /wrong arguments/ });
  await assert.rejects(parent.barrier(), differentCalls);
  await assert.rejects(parent.merge(true), differentEnds);
  await parent.barrier();
  const all = await parent.merge(true);
  assert.equal(await all.allreduce(1), parent.remoteSize + size);
  assert.equal(all.rank, parent.remoteSize + rank);
  await all.free();
  const copy = await parent.dup();
  if (rank === 1) await copy.send('through the copy', 0);
  await copy.free();
  await parent.disconnect();
} else {
  await parent.disconnect();
}
