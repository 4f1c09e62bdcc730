// Every rank runs this program; any number of ranks: `mpiexec -n N node comm_executor.mjs`.
import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommExecutor, isMain, MPICommExecutor, PoolExecutor, taskSignal } from 'mpi-futures';
import { COMM_SELF, COMM_WORLD } from 'mpi-futures/mpi';
import { check, unable } from './check_ranks.mjs';
import { assertNoMoreThan, nativeCounts } from './native_counts.mjs';

const { rank, size } = COMM_WORLD;
const workers = Math.max(size - 1, 1);
const isRoot = rank === 0;
const needsTwo = 'needs two ranks';

let initialized = 0;
let counter = 0;
const scale = 3;
const square = (x) => x * x;
const scaled = (x) => x * scale;
const { cos } = Math;
class Point {
  constructor(x) {
    this.x = x;
  }
  static at(x) {
    return new Point(x);
  }
}

/** All ranks reject with the same error. */
async function rejectsAlike(promise, expected) {
  const error = await promise.then(
    () => assert.fail('Expected an error'),
    (error) => error,
  );
  const said = [error.name, error.code ?? null, error.message];
  for (const other of await COMM_WORLD.allgather(said)) assert.deepEqual(other, said);
  assert.equal(error.name, expected.name);
  assert.match(error.message, expected.message);
}

await check('the root cannot enter another one on ranks that serve it', async () => {
  // First of all: there a thread that imports this program stops.
  await new CommExecutor().run(async (executor) => {
    if (executor === null || size === 1) return;
    const advice = /The other ranks serve .* use its executor/;
    await assert.rejects(new CommExecutor().enter(), {
      name: 'InvalidStateError',
      message: advice,
    });
    assert.equal(await executor.submit(square, 3), 9);
  });
  if (size === 1) return unable(needsTwo);
});

await check('what options have changed on workers is changed back at the end', async () => {
  const seen = () => [process.cwd(), process.env.OF_OPTIONS, globalThis.ofOptions];
  const before = seen();
  const settings = { env: { OF_OPTIONS: 'yes' }, globals: { ofOptions: 1 } };
  const options = size === 1 ? settings : { ...settings, cwd: '/' };
  await new CommExecutor(COMM_WORLD, options).run(async (executor) => {
    const meanwhile = await executor?.submit(seen);
    if (isRoot) assert.deepEqual(meanwhile, [options.cwd ?? process.cwd(), 'yes', 1]);
  });
  assert.deepEqual(seen(), before);
});

// test_futures.py: MPICommExecutor (all)
await check('the root gets an executor at once, and the others null when it is done', async () => {
  let isDone = false;
  const results = await new CommExecutor().run(async (executor) => {
    if (rank > 0) {
      assert.equal(executor, null);
      return null;
    }
    assert.ok(executor instanceof PoolExecutor);
    assert.equal(executor.constructor, PoolExecutor);
    await executor.bootup();
    assert.equal(executor.numWorkers, workers);
    const values = await executor.map(square, [1, 2, 3]).toArray();
    isDone = true;
    return values;
  });
  assert.equal(isDone, isRoot);
  assert.deepEqual(results, isRoot ? [1, 4, 9] : null);
  assert.equal(MPICommExecutor, CommExecutor);
  assert.equal(isMain, true);
});

// mpi4py: `with MPICommExecutor(comm, root) as executor`
// test_futures.py: MPICommExecutor (all)
await check('any rank can be the root', async () => {
  for (let root = 0; root < size; root++) {
    const executor = new CommExecutor(COMM_WORLD, { root });
    const sum = await executor.run((pool) => pool?.submit((a, b) => a + b, root, 1) ?? null);
    assert.equal(sum, rank === root ? root + 1 : null);
  }
});

// mpi4py: `with MPICommExecutor(comm, root) as executor`
await check('enter and exit are the two halves of run', async () => {
  const comm = new CommExecutor();
  const executor = await comm.enter();
  if (executor !== null) assert.equal(await executor.submit(square, 5), 25);
  assert.equal(executor === null, !isRoot);
  await comm.exit();
  await comm.exit();
  if (executor !== null)
    assert.throws(() => executor.submit(square, 1), { code: 'ERR_EXECUTOR_SHUTDOWN' });
});

await check('asyncDispose leaves it', async () => {
  const comm = new CommExecutor();
  const future = (await comm.enter())?.submit(square, 6);
  await comm[Symbol.asyncDispose]();
  if (isRoot) assert.equal(future.state, 'fulfilled');
});

// mpi4py: entered while active: `RuntimeError`
// test_futures.py: MPICommExecutor (all)
await check('entered twice at once it throws, on every rank', async () => {
  const comm = new CommExecutor();
  const twice = { name: 'InvalidStateError', code: 'ERR_INVALID_STATE' };
  await comm.run(() =>
    assert.rejects(
      comm.run(() => undefined),
      twice,
    ),
  );
  const first = comm.enter();
  await assert.rejects(comm.enter(), twice);
  await first;
  await comm.exit();
});

await check('a rank that may serve another one cannot serve this one', async () => {
  if (size < 2) return unable(needsTwo);
  const one = new CommExecutor();
  const entering = one.enter();
  const another = new CommExecutor(COMM_WORLD, { root: size - 1 });
  await rejectsAlike(another.enter(), {
    name: 'InvalidStateError',
    message: /Rank 0 cannot serve/,
  });
  await entering;
  await one.exit();
});

// mpi4py: entered while active: `RuntimeError`
await check('it is entered a hundred times', async () => {
  const comm = new CommExecutor(COMM_WORLD, { root: size - 1 });
  // Fewer times where this takes long: with one rank a thread is started each time, and many ranks share the cores.
  const times = { 1: 3, 2: 100 }[size] ?? 10;
  for (let time = 0; time < times; time++) {
    const value = await comm.run((executor) => executor?.submit(square, time));
    if (rank === size - 1) assert.equal(value, time * time);
  }
});

await check('executors on disjoint communicators do not meet', async () => {
  const half = await COMM_WORLD.split(rank % 2, -rank);
  const name = `half ${rank % 2}`;
  const seen = await new CommExecutor(half, { root: half.size - 1 }).run((executor) =>
    executor?.map((text) => `${text} by ${process.pid}`, Array(10).fill(name)).toArray(),
  );
  // The order of ranks is reversed in `half`: its last rank is the first of them here.
  assert.equal(seen !== undefined, rank < 2);
  const pids = await half.allgather(process.pid);
  for (const text of seen ?? []) {
    assert.ok(text.startsWith(name));
    if (half.size > 1) assert.ok(pids.includes(Number(text.split(' ').at(-1))));
  }
  await half.free();
});

// mpi4py: size one: a thread in this process
await check('COMM_SELF: tasks run in a thread, beside this one', async () => {
  if (!isRoot) return;
  const result = await new CommExecutor(COMM_SELF).run(async (executor) => {
    const { pid } = process;
    const future = executor.submit(() => process.pid);
    await executor.bootup();
    assert.equal(executor.numWorkers, 1);
    assert.equal(await future, pid);
    return executor.submit(square, 7);
  });
  assert.equal(result, 49);
});

// test_futures.py: MPICommExecutor (all)
await check('what is no intracommunicator is refused', async () => {
  const inter = Object.create(COMM_WORLD, { isInter: { value: true } });
  const expected = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
  for (const wrong of [null, 5, {}, { root: 0 }, inter]) {
    await assert.rejects(
      new CommExecutor(wrong).run(() => undefined),
      expected,
    );
    await assert.rejects(new CommExecutor(wrong).enter(), expected);
  }
});

// mpi4py: an intercommunicator, or a root outside: `ValueError`
// test_futures.py: MPICommExecutor (all)
await check('a wrong root is refused on every rank', async () => {
  for (const root of [-size, -1, size, 1.5, NaN])
    await rejectsAlike(new CommExecutor(COMM_WORLD, { root }).enter(), {
      name: 'RangeError',
      message: /^Expected .* for root but received/,
    });
  await rejectsAlike(new CommExecutor(COMM_WORLD, { root: '0' }).enter(), {
    name: 'TypeError',
    message: /root/,
  });
});

await check('a root that is not the same on two ranks is refused on every rank', async () => {
  if (size < 2) return unable(needsTwo);
  const root = rank === size - 1 ? 1 : 0;
  await rejectsAlike(new CommExecutor(COMM_WORLD, { root }).enter(), {
    name: 'UsageError',
    message: new RegExp(
      `same root on all ranks but received 0 on rank 0 and 1 on rank ${size - 1}`,
    ),
  });
});

// mpi4py: an intercommunicator, or a root outside: `ValueError`
// mpi4py: wrong options on the root alone: the job hangs
await check('what is wrong on one rank is refused on every rank', async () => {
  const last = rank === size - 1;
  const cases = [
    [isRoot ? { maxWorkers: 0 } : {}, 'RangeError', /maxWorkers must be greater than 0/],
    [last ? { initializer: 123 } : {}, 'TypeError', /initializer/],
    [last ? { max_workers: 1 } : {}, 'TypeError', /did you mean maxWorkers\?/],
    [last ? { root: size } : {}, 'RangeError', /root/],
  ];
  for (const [options, name, message] of cases)
    await rejectsAlike(new CommExecutor(COMM_WORLD, options).enter(), { name, message });
  const body = last ? 'no function' : () => undefined;
  await rejectsAlike(new CommExecutor().run(body), { name: 'TypeError', message: /for body/ });
});

// mpi4py: `MPICommExecutor`: the body throws on the root, and the others go on; `__main__` is not imported again
await check('when the body throws on the root, the others go on', async () => {
  const error = new Error('of the body');
  const run = new CommExecutor().run((executor) => {
    if (executor === null) return 'went on';
    void executor.submit(square, 1);
    throw error;
  });
  if (isRoot) await assert.rejects(run, error);
  else assert.equal(await run, 'went on');
});

// mpi4py: the body throws on a worker: swallowed
await check('when the body throws on another rank, that one rejects', async () => {
  const error = new Error('of the body');
  const run = new CommExecutor().run((executor) => {
    if (executor === null) throw error;
    return 'went on';
  });
  if (isRoot) assert.equal(await run, 'went on');
  else await assert.rejects(run, error);
});

await check('all that was submitted is done before the others go on', async () => {
  let futures = [];
  await new CommExecutor().run((executor) => {
    if (executor !== null)
      futures = Array.from({ length: 50 }, (_, i) => executor.submit(square, i));
  });
  for (const [i, future] of futures.entries()) {
    assert.equal(future.state, 'fulfilled');
    assert.equal(await future, i * i);
  }
});

// test_futures.py: MPICommExecutor (all)
await check('shutdown inside the body lets the others go', async () => {
  const went = [];
  await new CommExecutor().run(async (executor) => {
    if (executor === null) return COMM_WORLD.barrier();
    const futures = [square, square].map((fn) => executor.submit(fn, 3));
    await executor.shutdown();
    await COMM_WORLD.barrier(); // now the others are in their bodies
    went.push(...(await Promise.all(futures)));
    assert.equal(executor.numWorkers, 0);
    assert.throws(() => executor.submit(square, 1), { code: 'ERR_EXECUTOR_SHUTDOWN' });
    await assert.rejects(executor.bootup(), { code: 'ERR_EXECUTOR_SHUTDOWN' });
  });
  assert.deepEqual(went, isRoot ? [9, 9] : []);
});

await check('an executor that is not used, or forgotten, is no harm', async () => {
  const comm = new CommExecutor();
  await comm.run(() => undefined);
  await comm.run((executor) => void executor?.submit(square, 2));
  await comm.run((executor) => executor?.bootup());
});

// test_futures.py: MPICommExecutor (all)
await check('an initializer runs on every worker, each time', async () => {
  const comm = new CommExecutor(COMM_WORLD, { initializer: initialize, initArgs: [5] });
  for (let time = 1; time <= 2; time++) {
    const counts = await comm.run((executor) =>
      executor?.map(initializedWith, Array(2 * workers).fill(0)).toArray(),
    );
    // The thread of a single rank is a new one each time.
    const expected = size > 1 ? 5 * time : 5;
    if (isRoot) assert.deepEqual(new Set(counts), new Set([expected]));
  }
});

function initialize(value) {
  initialized += value;
}
function initializedWith() {
  return initialized;
}

// test_futures.py: MPICommExecutor (all)
await check('an initializer that throws breaks the executor, and nothing else', async () => {
  const comm = new CommExecutor(COMM_WORLD, {
    initializer: () => {
      throw new TypeError('of the initializer');
    },
  });
  await comm.run(async (executor) => {
    if (executor === null) return;
    const broken = { code: 'ERR_BROKEN_EXECUTOR' };
    const error = await executor.submit(square, 1).exception();
    assert.equal(error.code, broken.code);
    assert.ok(error.cause instanceof TypeError);
    assert.throws(() => executor.submit(square, 1), broken);
    assert.equal(executor.numWorkers, 0);
  });
  const after = await new CommExecutor().run((executor) => executor?.submit(square, 3) ?? null);
  assert.equal(after, isRoot ? 9 : null);
});

await check('process.exit in a task ends the task, while the worker serves', async () => {
  const { exit } = process;
  await new CommExecutor().run(async (executor) => {
    if (executor === null) return;
    await assert.rejects(
      executor.submit(() => process.exit(3)),
      { code: 'ERR_TASK_EXIT', exitCode: 3 },
    );
    await assert.rejects(
      executor.submit(() => Promise.reject(new RangeError('of the task'))),
      RangeError,
    );
    assert.equal(await executor.submit(square, 4), 16);
  });
  assert.equal(process.exit, exit);
  assert.equal(process.listenerCount('uncaughtException'), 0);
});

// mpi4py: `globals`, `path`, `wdir`, `env` are ignored
await check('options reach the workers', async () => {
  const options = {
    env: { OF_EXECUTOR: 'of the executor' },
    globals: { ofExecutor: 6 },
    maxWorkers: 1,
  };
  const seen = await new CommExecutor(COMM_WORLD, options).run((executor) =>
    executor?.submit(() => [process.env.OF_EXECUTOR, globalThis.ofExecutor]),
  );
  if (isRoot) assert.deepEqual(seen, ['of the executor', 6]);
});

await check('a task that times out hears of it', async () => {
  await new CommExecutor().run(async (executor) => {
    if (executor === null) return;
    const slow = executor
      .with({ timeout: 20 })
      .submit(() => sleep(60_000, 0, { signal: taskSignal() }));
    await assert.rejects(slow, { code: 'ERR_TIMEOUT' });
    assert.equal(await executor.submit(square, 2), 4);
  });
});

// mpi4py: `MPICommExecutor`: the body throws on the root, and the others go on; `__main__` is not imported again
await check('functions find the variables of the running program', async () => {
  await new CommExecutor().run(async (executor) => {
    if (executor === null) return;
    const local = 4;
    assert.equal(await executor.submit(scaled, 2), 6);
    assert.equal(await executor.submit((x) => scaled(x) + scale + local, 2), 13);
    const made = await executor.submit(Point.at, 5);
    assert.ok(made instanceof Point);
    assert.equal(await executor.submit((point) => point instanceof Point, made), true);
    assert.equal(await executor.submit(cos, 0), 1);
    assert.equal(await executor.submit(join, 'a', 'b'), 'a/b');
    const counts = await executor.map(() => ++counter, Array(4 * workers).fill(0)).toArray();
    assert.ok(Math.max(...counts) > 1, 'what a task assigns stays on the worker');
    assert.equal(counter, 0);
    assert.equal(await executor.submit(() => import.meta.url), import.meta.url);
    const { word } = await import('./functions/late.mjs');
    assert.equal(await executor.submit(word), 'of a late module');
  });
  if (isRoot) assert.equal(counter, 0);
});

await check(
  'killWorkers does not wait for a busy rank, which goes on when its task returns',
  async () => {
    if (workers < 2) return unable('needs two workers');
    const file = join(tmpdir(), `mpi-futures-go-on-${process.pid}`);
    await new CommExecutor().run(async (executor) => {
      if (executor === null) return;
      const untilThere = (path) => {
        while (!existsSync(path));
      };
      const [stuck, quick] = [executor.submit(untilThere, file), executor.submit(square, 5)];
      assert.equal(await quick, 25);
      await executor.killWorkers();
      await assert.rejects(stuck, { code: 'ERR_WORKER_LOST', reason: /shut down/ });
      writeFileSync(file, '');
    });
    const sum = await new CommExecutor().run((executor) => executor?.submit(square, 3) ?? null);
    if (!isRoot) return;
    assert.equal(sum, 9);
    rmSync(file, { force: true }); // all ranks have gone on
  },
);

await check('what was made for it is freed with it, in native code too', async () => {
  const sum = (executor) => executor?.submit(square, 3) ?? null;
  await new CommExecutor().run(sum);
  const before = nativeCounts();
  for (let times = 0; times < 10; times++) await new CommExecutor().run(sum);
  await assertNoMoreThan(before);
});
