/** Under the launcher with one rank, an executor is one worker thread. */

import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { CommExecutor, PoolExecutor, ThreadPoolExecutor, getCommWorkers, isMain } from 'mpi-futures'; // prettier-ignore
import { COMM_SELF, MAX, SUM } from 'mpi-futures/mpi';
import { check } from './check.mjs';
import { computesMeanwhile } from './meanwhile.mjs';
import { add, place, throwTypeError } from './tasks.mjs';

const scale = 2;

/** Everything that a communicator does, with one rank. */
async function together(x) {
  const comm = getCommWorkers();
  assert.deepEqual([comm.rank, comm.size], [0, 1]);
  await comm.barrier();
  const elements = Float64Array.of(x, 2, 3);
  const large = new Uint8Array(100_000).fill(x);
  assert.deepEqual(await comm.bcast({ x }), { x });
  assert.deepEqual(await comm.allgather(x), [x]);
  assert.deepEqual(await comm.gather('a'), ['a']);
  assert.deepEqual(await comm.scatter([[x]]), [x]);
  assert.deepEqual(await comm.alltoall([x]), [x]);
  assert.deepEqual(await comm.alltoall(elements), elements);
  assert.equal(await comm.reduce(x), x);
  assert.deepEqual(await comm.allreduce(elements, SUM), elements);
  assert.deepEqual(await comm.scan([x], MAX), [x]);
  const [received] = await Promise.all([comm.recv(), comm.send([x], 0, 5)]);
  assert.deepEqual(received, [x]);
  assert.deepEqual(await comm.sendrecv(large, 0, 0), large);
  const sent = comm.send(large, 0);
  assert.equal((await comm.probe()).byteLength, large.length);
  assert.deepEqual(await comm.recv(0), large);
  await sent;
  const copy = await comm.dup();
  const part = await copy.split(0);
  assert.equal(await comm.split(undefined), null);
  const message = part.recv();
  await copy.send('to the copy', 0);
  await part.send('to the part', 0);
  assert.deepEqual([await message, await copy.recv()], ['to the part', 'to the copy']);
  await part.free();
  await assert.rejects(part.barrier(), { code: 'ERR_INVALID_STATE' });
  await assert.rejects(comm.free(), { code: 'ERR_INVALID_STATE' });
  await assert.rejects(comm.bcast(() => 1), { name: 'DataCloneError' }); // prettier-ignore
  await assert.rejects(comm.spawn(process.execPath), /main thread/);
  return comm.allreduce(x);
}

if (isMain) {
  const pool = new PoolExecutor({ maxWorkers: 4, mpiInfo: { soft: '1' } });

  // mpi4py: one process: tasks run in a thread, without pickling
  await check('a task runs in a thread of this process', async () => {
    assert.equal(await pool.submit(add, 40, 2), 42);
    const [process_] = (await pool.submit(place)).split('/');
    assert.equal(Number(process_), process.pid);
    assert.notEqual(await pool.submit(place), place());
  });

  await check('there is one worker', async () => {
    assert.equal(pool.numWorkers, 1);
    assert.equal(
      (await pool.submit(throwTypeError, 'x').exception()).stack.includes('of 1 on'),
      true,
    );
  });

  await check('functions of the program run there, as those of a worker', async () => {
    assert.deepEqual(await pool.submit((x) => [x * scale, isMain], 3), [6, false]);
  });

  await check('it computes while the program computes', async () => {
    await computesMeanwhile(pool);
  });

  // mpi4py: one process: tasks run in a thread, without pickling
  await check('every executor has a thread of its own', async () => {
    const other = new PoolExecutor();
    assert.notEqual(await other.submit(place), await pool.submit(place));
    await other.shutdown();
    assert.equal(await pool.submit(add, 1, 2), 3);
  });

  await check('another working directory is refused, with the reason', async () => {
    const elsewhere = new PoolExecutor({ cwd: tmpdir() });
    const error = await elsewhere.submit(add, 1, 2).exception();
    assert.equal(error.code, 'ERR_BROKEN_EXECUTOR');
    assert.match(error.cause.message, /cwd.*thread/);
    await elsewhere.shutdown();
  });

  await check('the working directory that it has is not refused', async () => {
    const here = new PoolExecutor({ cwd: process.cwd() });
    assert.equal(await here.submit(add, 1, 2), 3);
    await here.shutdown();
  });

  await check('the communicator of the workers has one rank', async () => {
    assert.deepEqual(await pool.map(together, [1, 2, 3]).toArray(), [1, 2, 3]);
    await new CommExecutor(COMM_SELF).run(async (executor) => {
      assert.equal(await executor.submit(together, 4), 4);
    });
    assert.throws(() => getCommWorkers(), { code: 'ERR_INVALID_STATE' });
    const threads = new ThreadPoolExecutor(1);
    const none = { code: 'ERR_INVALID_STATE', message: /ThreadPoolExecutor have none/ };
    await assert.rejects(
      threads.submit(() => getCommWorkers().size),
      none,
    );
    await threads.shutdown();
  });
}
