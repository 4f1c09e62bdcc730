/** MPI itself: started with a thread level of the program's own, asked about itself, and finalized before the end. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import * as mpi from 'mpi-futures/mpi';

const { COMM_SELF, COMM_WORLD, Info, ThreadLevel } = mpi;

// Before anything has started MPI.
const before = { started: mpi.initialized(), version: mpi.libraryVersion(), time: mpi.wtime() };
await assert.rejects(mpi.initialize({ threadLevel: 4 }), { code: 'ERR_INVALID_ARG_TYPE' });
await assert.rejects(mpi.initialize({ level: 1 }), { code: 'ERR_UNKNOWN_OPTION' });
const granted = await mpi.initialize({ threadLevel: ThreadLevel.FUNNELED });
const { check } = await import('./on_all_ranks.mjs');

await check('starts with the level that was asked for', async () => {
  assert.equal(before.started, false);
  assert.equal(mpi.initialized(), true);
  assert.equal(granted, ThreadLevel.FUNNELED);
  assert.equal(await mpi.queryThread(), granted);
  assert.equal(await mpi.initialize(), granted);
  const again = mpi.initialize({ threadLevel: ThreadLevel.SINGLE });
  await assert.rejects(again, { code: 'ERR_INVALID_STATE' });
});

await check('says what it is', async () => {
  assert.match(before.version, process.env.OMPI_COMM_WORLD_SIZE ? /Open MPI/ : /MPICH/);
  assert.equal(mpi.standardVersion()[0] >= 3, true);
  assert.equal(typeof (await mpi.processorName()), 'string');
  const universe = await mpi.universeSize();
  assert.ok(universe === null || universe > 0);
  const passed = mpi.wtime() - before.time;
  assert.ok(passed > 0 && passed < 60);
  assert.equal(await mpi.getParent(), null);
});

await check('another thread of the process is told that MPI is not its own', async () => {
  const program = `import(${JSON.stringify(import.meta.resolve('mpi-futures/mpi'))})
    .then(({ initialize }) => initialize())
    .catch(({ code, message }) => ({ code, message }))
    .then((said) => require('node:worker_threads').parentPort.postMessage(said));`;
  const thread = new Worker(program, { eval: true });
  const ended = once(thread, 'exit');
  const [{ code, message }] = await once(thread, 'message');
  assert.equal(code, 'ERR_MPI_STARTED_ELSEWHERE');
  assert.match(message, /^MPI belongs to another thread .* start MPI in one thread only$/);
  await ended;
});

await check('Info is a Map of texts', () => {
  const info = new Info({ host: 'a', count: 3, bind: true });
  assert.deepEqual(
    [...info],
    [
      ['host', 'a'],
      ['count', '3'],
      ['bind', 'true'],
    ],
  );
  assert.deepEqual([...new Info(new Map([['key', 'value']]))], [['key', 'value']]);
  assert.equal(new Info(info).set('count', 4).get('count'), '4');
  assert.throws(() => info.set('', 'x'), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => new Info({ key: {} }), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => new Info('text'), { code: 'ERR_INVALID_ARG_TYPE' });
});

await check('what cannot be spawned is refused on all ranks', async () => {
  const refusal = { code: 'ERR_SPAWN', message: /can be executed but found no no-such-program/ };
  await assert.rejects(COMM_WORLD.spawn('no-such-program'), refusal);
  await assert.rejects(COMM_SELF.spawn(''), { code: 'ERR_INVALID_ARG_TYPE' });
  await assert.rejects(COMM_SELF.spawn('true', [1]), { code: 'ERR_INVALID_ARG_TYPE' });
  await assert.rejects(COMM_SELF.spawn('true', [], 0), { code: 'ERR_OUT_OF_RANGE' });
  await assert.rejects(COMM_SELF.spawn('true', [], 1, { root: 1 }), { code: 'ERR_OUT_OF_RANGE' });
  await assert.rejects(COMM_SELF.spawn('true', [], 1, { hosts: 'x' }), {
    code: 'ERR_UNKNOWN_OPTION',
  });
  await assert.rejects(COMM_WORLD.spawn('/'), { code: 'ERR_SPAWN', message: /found no \/$/ });
  const wrong = COMM_WORLD.rank === 0 ? 'ERR_INVALID_ARG_TYPE' : 'ERR_MPI';
  await assert.rejects(COMM_WORLD.spawn('true', 'text'), { code: wrong });
  await assert.rejects(COMM_WORLD.spawn('true', ['a\0b']), { code: wrong });
  await assert.rejects(COMM_WORLD.spawn('true\0', []), { code: wrong });
});

await check('info that MPI does not take is refused on all ranks', async () => {
  const refusal = { code: 'ERR_SPAWN', message: /does not accept this info/ };
  const hosts = 'node,'.repeat(1000);
  await assert.rejects(COMM_WORLD.spawn('true', [], 1, { info: { host: hosts } }), refusal);
  const key = 'k'.repeat(1000);
  await assert.rejects(COMM_WORLD.spawn('true', [], 1, { info: { [key]: 'x' } }), refusal);
});

const { rank, size } = COMM_WORLD;
const pending = COMM_WORLD.allgather(rank);
await mpi.finalize();
assert.equal((await pending).length, size);
assert.deepEqual([mpi.initialized(), mpi.finalized()], [true, true]);
const refusal = { code: 'ERR_INVALID_STATE', message: /finalize\(\) was called/ };
await assert.rejects(COMM_WORLD.barrier(), refusal);
await assert.rejects(COMM_SELF.send(1, 0), refusal);
assert.throws(() => mpi.abort(256), { code: 'ERR_OUT_OF_RANGE' });
await mpi.finalize();
console.log('finalized');
