/** Checks that only worker threads need. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker, isMainThread, parentPort, threadId } from 'node:worker_threads';
import { PoolExecutor, ThreadPoolExecutor, isMain, move } from 'mpi-futures';
import { check } from './check.mjs';
import { computesMeanwhile } from './meanwhile.mjs';
import { add, identity, later, place, pid } from './tasks.mjs';

const scale = 2;

/** Ends its own thread, after the answer has left. */
function exitSoon(status) {
  setTimeout(() => process.reallyExit(status), 20);
}

function exitNow() {
  process.reallyExit(1);
}

/** Ends its own thread in the middle of the task. */
async function exitInBetween() {
  exitSoon(3);
  await later(undefined, 600_000);
}

async function mainOfThread() {
  const pool = new ThreadPoolExecutor({ maxWorkers: 2 });
  const results = await pool.map((x) => x * scale, [1, 2, 3]).toArray();
  await pool.shutdown();
  parentPort.postMessage(results);
}

/** Counts the threads that start while `body` runs, and gives each to `onStart`. */
async function countingThreads(body, onStart = () => undefined) {
  let count = 0;
  const started = (thread) => onStart(thread, count++);
  process.on('worker', started);
  try {
    await body(() => count);
  } finally {
    process.off('worker', started);
  }
}

/** Threads with the flags that `body` is given are not ready, all but one of them, until it opens the gate. */
async function withGate(body) {
  const folder = mkdtempSync(join(tmpdir(), 'mpi-futures-'));
  const gate = join(folder, 'open');
  const code = `
    const { existsSync, mkdirSync } = require('node:fs');
    const cell = new Int32Array(new SharedArrayBuffer(4));
    try {
      mkdirSync(${JSON.stringify(join(folder, 'first'))});
    } catch {
      while (!existsSync(${JSON.stringify(gate)})) Atomics.wait(cell, 0, 0, 10);
    }`;
  const file = join(folder, 'gate.cjs');
  writeFileSync(file, code);
  try {
    await body([`--require=${file}`], () => writeFileSync(gate, ''));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function loadedFiles() {
  return process.report.getReport().sharedObjects;
}

if (isMain && !isMainThread) await mainOfThread();
else if (isMain) {
  // mpi4py: `ThreadPoolExecutor`: one thread computes at a time
  // test_futures.py: ThreadPool (all)
  await check('workers are threads of this process', async () => {
    const pool = await new ThreadPoolExecutor(2).bootup();
    assert.equal(await pool.submit(pid), process.pid);
    assert.notEqual(await pool.submit(place), place());
    assert.equal(pool.numWorkers, 2);
    await pool.shutdown();
  });

  // mpi4py: `concurrent.futures`: threads start as tasks are submitted
  await check('a thread is started when there is work for it, and bootup starts all', async () => {
    await countingThreads(async (started) => {
      const pool = new ThreadPoolExecutor(3);
      for (const number of [1, 2, 3]) assert.equal(await pool.submit(identity, number), number);
      assert.deepEqual([started(), pool.numWorkers], [1, 1]);
      await pool.bootup();
      assert.deepEqual([started(), pool.numWorkers], [3, 3]);
      await pool.shutdown();
      assert.deepEqual([started(), pool.numWorkers], [3, 0]);
    });
  });

  await check(
    'as many threads as there are tasks, each of them after its initializer',
    async () => {
      await countingThreads(async (started) => {
        const initializer = () => (globalThis.isSetUp = true);
        const pool = new ThreadPoolExecutor(8, { initializer });
        const folder = mkdtempSync(join(tmpdir(), 'mpi-futures-'));
        // Each task waits for all others, so they must run on different threads.
        const meet = async (folder, count) => {
          writeFileSync(join(folder, String(threadId)), '');
          while (readdirSync(folder).length < count) await later(undefined, 10);
          return globalThis.isSetUp;
        };
        const futures = [1, 2, 3].map(() => pool.submit(meet, folder, 3));
        assert.deepEqual(await Promise.all(futures), [true, true, true]);
        rmSync(folder, { recursive: true });
        assert.equal(started(), 3);
        await pool.shutdown();
      });
    },
  );

  await check('the first thread to be ready works while others start', async () => {
    await withGate(async (execArgv, open) => {
      const pool = new ThreadPoolExecutor(3, { execArgv });
      const booted = pool.bootup();
      const numbers = [1, 2, 3, 4];
      assert.deepEqual(await pool.map(identity, numbers).toArray(), numbers);
      assert.equal(pool.numWorkers, 1);
      open();
      await booted;
      assert.equal(pool.numWorkers, 3);
      await pool.shutdown();
    });
  });

  await check('shutdown does not wait for threads that still start', async () => {
    await withGate(async (execArgv) => {
      const pool = new ThreadPoolExecutor(3, { execArgv });
      const booted = pool.bootup();
      assert.equal(await pool.submit(identity, 1), 1);
      await pool.shutdown();
      assert.equal(await booted, pool);
      assert.equal(pool.numWorkers, 0);
    });
  });

  await check(
    'without a thread that does not start the pool is smaller, with a warning',
    async () => {
      const warned = once(process, 'warning');
      await countingThreads(
        async (started) => {
          const pool = new ThreadPoolExecutor(3);
          assert.equal(await pool.submit(identity, 1), 1);
          await pool.bootup();
          assert.deepEqual([started(), pool.numWorkers], [3, 2]);
          assert.deepEqual(await pool.map(identity, [1, 2, 3]).toArray(), [1, 2, 3]);
          await pool.shutdown();
        },
        (thread, number) => {
          if (number === 1) void thread.terminate();
        },
      );
      const [{ code, message }] = await warned;
      assert.equal(code, 'MPI_FUTURES_THREAD_NOT_STARTED');
      assert.match(message, /^A pool has one thread fewer: .*Worker 1 .* was lost/);
    },
  );

  await check('without the first thread there is no pool', async () => {
    await countingThreads(
      async () => {
        const pool = new ThreadPoolExecutor(3);
        const error = await pool.submit(identity, 1).exception();
        assert.equal(error.code, 'ERR_SPAWN');
        await assert.rejects(pool.bootup(), { code: 'ERR_SPAWN' });
        await pool.shutdown();
      },
      (thread) => void thread.terminate(),
    );
  });

  await check('another thread is started in place of the only one', async () => {
    const pool = new ThreadPoolExecutor(2);
    const exit = () => process.reallyExit(3);
    assert.equal((await pool.submit(exit).exception()).code, 'ERR_WORKER_LOST');
    assert.equal(await pool.submit(identity, 1), 1);
    assert.equal((await pool.submit(exit).exception()).code, 'ERR_WORKER_LOST');
    assert.equal(await pool.submit(identity, 1), 1);
    await pool.shutdown();
  });

  await check('maxWorkers is by default that of the environment', async () => {
    process.env.MPI_FUTURES_MAX_WORKERS = '3';
    const pool = await new ThreadPoolExecutor().bootup();
    delete process.env.MPI_FUTURES_MAX_WORKERS;
    assert.equal(pool.numWorkers, 3);
    await pool.shutdown();
  });

  await check('options that mean nothing for threads are refused with the reason', async () => {
    const refused = { cwd: '/', execPath: 'node', mpiInfo: {}, backoff: 1, heartbeat: 1 };
    for (const [name, value] of Object.entries(refused)) {
      const expected = { name: 'TypeError', code: 'ERR_UNKNOWN_OPTION', message: RegExp(name) };
      assert.throws(() => new ThreadPoolExecutor({ [name]: value }), expected);
      assert.throws(() => new ThreadPoolExecutor(1, { [name]: value }), expected);
    }
    const unknown = { message: /ThreadPoolExecutor.*did you mean maxWorkers/ };
    assert.throws(() => new ThreadPoolExecutor({ max_workers: 1 }), unknown);
  });

  await check(
    'globals, env, path and main reach each thread and none of them this one',
    async () => {
      const options = { globals: { ofTheThread: [1] }, env: { OF_THE_THREAD: 'set' }, main: true };
      const pool = new ThreadPoolExecutor({ maxWorkers: 2, ...options });
      // eslint-disable-next-line no-undef
      const seen = await pool.submit(() => [ofTheThread, process.env.OF_THE_THREAD, isMain]);
      assert.deepEqual(seen, [[1], 'set', false]);
      assert.equal(process.env.OF_THE_THREAD, undefined);
      assert.equal('ofTheThread' in globalThis, false);
      await pool.shutdown();
    },
  );

  await check('an initializer that throws breaks the executor with the cause', async () => {
    const initializer = () => {
      throw new RangeError(`on thread ${threadId > 0}`);
    };
    const pool = new ThreadPoolExecutor({ maxWorkers: 2, initializer });
    const { code, cause } = await pool.submit(add, 1, 2).exception();
    assert.equal(code, 'ERR_BROKEN_EXECUTOR');
    assert.equal(cause.message, 'on thread true');
    assert.match(cause.stack, /at worker [01] of 2 on \S+$/);
    await pool.shutdown();
  });

  await check('execArgv are flags of the threads', async () => {
    const flag = '--conditions=of-the-thread';
    const pool = new ThreadPoolExecutor({ maxWorkers: 1, execArgv: [flag] });
    assert.equal(await pool.submit((flag) => process.execArgv.includes(flag), flag), true);
    await pool.shutdown();
  });

  await check('a flag that threads cannot have is a SpawnError that names it', async () => {
    const pool = new ThreadPoolExecutor({ maxWorkers: 1, execArgv: ['--max-old-space-size=50'] });
    const error = await pool.submit(add, 1, 2).exception();
    assert.equal(error.code, 'ERR_SPAWN');
    assert.match(error.message, /--max-old-space-size=50/);
    await pool.shutdown();
  });

  await check('a buffer that is moved is not copied', async () => {
    const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    const numbers = new Float64Array(1e6).fill(1);
    const back = await pool.submit((numbers) => numbers.fill(2), move(numbers));
    assert.equal(numbers.length, 0);
    assert.deepEqual([back.length, back[0], back.at(-1)], [1e6, 2, 2]);
    await pool.shutdown();
  });

  await check('a thread that ends while it is idle is lost, and the others go on', async () => {
    const pool = await new ThreadPoolExecutor({ maxWorkers: 2 }).bootup();
    await pool.submit(exitSoon, 3);
    while (pool.numWorkers === 2) await later(undefined, 1);
    assert.deepEqual(await pool.map(add, [1, 2, 3], [1, 1, 1]).toArray(), [2, 3, 4]);
    await pool.shutdown();
  });

  await check('a thread that ends takes its task along, and is replaced', async () => {
    const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    const error = await pool.submit(exitInBetween).exception();
    assert.equal(error.code, 'ERR_WORKER_LOST');
    assert.deepEqual([error.rank, error.pid], [0, process.pid]);
    assert.equal(await pool.submit(add, 1, 2), 3);
    assert.equal(pool.numWorkers, 1);
    const inVain = Array.from({ length: 4 }, () => pool.submit(exitNow));
    for (const future of inVain) await assert.rejects(future, { code: 'ERR_WORKER_LOST' });
    assert.throws(() => pool.submit(add, 1, 2), { code: 'ERR_BROKEN_EXECUTOR' });
    assert.equal(pool.numWorkers, 0);
    await pool.shutdown();
  });

  await check('what runs again on another thread has its buffers again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mpi-futures-'));
    const diesOnce = (file, numbers) => {
      if (existsSync(file)) return numbers.length;
      writeFileSync(file, '');
      process.reallyExit(1);
    };
    const pool = new ThreadPoolExecutor({ maxWorkers: 2 });
    const careful = pool.with({ retries: 1 });
    const numbers = new Float64Array(1e5);
    assert.equal(await careful.submit(diesOnce, join(folder, 'died'), numbers), 1e5);
    rmSync(folder, { recursive: true });
    await pool.shutdown();
  });

  await check('a thread whose memory is full is lost, with the reason', async () => {
    const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    const fill = () => {
      for (const all = []; ;) all.push(new Array(10_000).fill(all.length));
    };
    const error = await pool.submit(fill).exception();
    assert.equal(error.code, 'ERR_WORKER_LOST');
    assert.equal(error.cause.code, 'ERR_WORKER_OUT_OF_MEMORY');
    await pool.shutdown();
  });

  await check('a thread of the program can have a pool of threads', async () => {
    const thread = new Worker(new URL(import.meta.url));
    const exit = once(thread, 'exit'); // may be emitted together with the message
    const [results] = await once(thread, 'message');
    assert.deepEqual(results, [2, 4, 6]);
    await exit;
  });

  await check('a task can have a pool, of one thread, or of as many as it says', async () => {
    const outer = new ThreadPoolExecutor({ maxWorkers: 1 });
    const nested = async (make, numbers) => {
      const pool = await make().bootup();
      const results = await pool.map((x) => x * scale, numbers).toArray();
      const { numWorkers } = pool;
      await pool.shutdown();
      return [numWorkers, ...results];
    };
    assert.deepEqual(await outer.submit(nested, () => new PoolExecutor(4), [1, 2]), [1, 2, 4]);
    assert.deepEqual(await outer.submit(nested, () => new ThreadPoolExecutor(3), [3]), [3, 6]);
    await outer.shutdown();
  });

  // mpi4py: `ThreadPoolExecutor`: one thread computes at a time
  await check('threads compute while the program computes', async () => {
    const pool = await new ThreadPoolExecutor({ maxWorkers: 1 }).bootup();
    await computesMeanwhile(pool);
    await pool.shutdown();
  });

  await check('a thread that needs more than resourceLimits is lost, and replaced', async () => {
    const resourceLimits = { maxOldGenerationSizeMb: 40 };
    const pool = new ThreadPoolExecutor({ maxWorkers: 1, resourceLimits });
    const fill = () => {
      for (const all = []; ;) all.push(new Array(10_000).fill(all.length));
    };
    const error = await pool.submit(fill).exception();
    assert.equal(error.code, 'ERR_WORKER_LOST');
    assert.equal(error.cause.code, 'ERR_WORKER_OUT_OF_MEMORY');
    assert.equal(await pool.submit(add, 1, 2), 3);
    await pool.shutdown();
    assert.throws(() => new ThreadPoolExecutor({ resourceLimits: { stack: 4 } }), /stackSizeMb/);
    const nothing = { resourceLimits: { stackSizeMb: 0 } };
    assert.throws(() => new ThreadPoolExecutor(nothing), { message: /resourceLimits.stackSizeMb/ });
  });

  await check('no MPI was loaded', async () => {
    const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    const files = [...loadedFiles(), ...(await pool.submit(loadedFiles))];
    assert.deepEqual(
      files.filter((file) => /(openmpi|mpich|mpi_abi)[^/]*\.node$|libmpi/.test(file)),
      [],
    );
    await pool.shutdown();
  });
}
