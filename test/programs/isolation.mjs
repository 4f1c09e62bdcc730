/** Ends the processes in which tasks of isolated workers run, in all ways. Argument: a folder. */

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { PoolExecutor, WorkerLostError, getCommWorkers, isMain, taskInfo } from 'mpi-futures';
import { check } from './check.mjs';
import { dieAtFirst, soon, until } from './dying.mjs';
import * as tasks from './tasks.mjs';

/** The number of the attempt that goes well. */
function dieTwice() {
  const { attempt } = taskInfo();
  if (attempt < 3) process.kill(process.pid, 'SIGKILL');
  return attempt;
}

function callLater(file, deaths, fn) {
  dieAtFirst(file, deaths);
  return fn();
}

const deaths = {
  SIGKILL: () => process.kill(process.pid, 'SIGKILL'),
  SIGSEGV: () => process.kill(process.pid, 'SIGSEGV'),
  SIGTERM: () => process.kill(process.pid, 'SIGTERM'),
  abort: () => process.abort(),
  reallyExit: () => process.reallyExit(3),
  // An instruction that no process survives.
  trap: () => {
    setFlagsFromString('--allow-natives-syntax');
    new Function('%SystemBreak()')();
  },
  exit: () => {
    process.removeAllListeners('uncaughtException');
    setImmediate(() => {
      throw new Error('nobody catches this');
    });
    return new Promise(() => undefined);
  },
};

const endings = {
  SIGKILL: { reason: 'killed', signal: 'SIGKILL' },
  SIGSEGV: { reason: 'crashed', signal: 'SIGSEGV' },
  SIGTERM: { reason: 'killed', signal: 'SIGTERM' },
  abort: { reason: 'aborted', signal: 'SIGABRT' },
  reallyExit: { reason: 'exited with 3', exitCode: 3 },
  trap: { reason: 'crashed', signal: 'SIGTRAP' },
  exit: { reason: 'exited with 1', exitCode: 1, stderr: /nobody catches this/ },
};

function fillMemory() {
  console.error('this is the last line');
  const all = [];
  for (;;) all.push(new Array(1e5).fill(all.length + 0.5));
}

/** Ends the process a moment later, from outside, while its JavaScript may be busy; notes in the file which process that is. */
function dieLater(file, result) {
  if (readFileSync(file, 'utf8') !== '') return result;
  writeFileSync(file, String(process.pid));
  spawn('sh', ['-c', `sleep 0.02; kill -9 ${process.pid}`], { stdio: 'ignore' });
  const end = performance.now() + 10;
  while (performance.now() < end);
  return result;
}

function forEver() {
  for (;;);
}

/** Ends its process the first time, which it notes in a file. */
function ofOther(file) {
  if (file && !existsSync(file)) {
    writeFileSync(file, '');
    process.kill(process.pid, 'SIGKILL');
    for (;;);
  }
  return globalThis.ofOther;
}

const place = () => [process.pid, process.ppid];
const big = 64 << 20;

/** The processes of the sandboxes, by what their tasks say. */
async function sandboxes(pool) {
  const pids = new Map();
  while (pids.size < pool.numWorkers || pool.numWorkers < 2)
    for (const [pid, parent] of await Promise.all(Array.from({ length: 8 }, () => pool.submit(place))))
      pids.set(parent, pid); // prettier-ignore
  return [...pids.values()];
}

function isThere(pid) {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

const descriptors = () => readdirSync('/dev/fd').length;

if (isMain) {
  const [folder] = process.argv.slice(2);
  const file = `${folder}/isolation-${process.pid}`;
  const execArgv = ['--max-old-space-size=64'];
  const settings = { isolate: true, execArgv, env: { KEPT: 'yes' }, globals: { counted: 0 } };
  const initializer = () => void (globalThis.counted += 1);
  const pool = new PoolExecutor({ ...settings, initializer });
  const trace = pool.trace(); // from before there is a process
  await pool.bootup();
  const workers = pool.numWorkers;

  await check('tasks run in processes beside the workers', async () => {
    const [pid, parent] = await pool.submit(place);
    assert.notEqual(pid, parent);
    const program = execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
    assert.match(program, /sandbox\.js/);
  });
  await check('a trace names these processes', async () => {
    const running = await sandboxes(pool);
    trace.stop();
    const named = new Map();
    for (const { name, tid, args } of trace.toJSON().traceEvents)
      if (name === 'thread_name') named.set(tid, Number(/process (\d+)/.exec(args.name)[1]));
    assert.deepEqual([...named.values()].sort(), running.sort());
  });

  for (const [name, die] of Object.entries(deaths)) {
    // The names are those of `deaths`.
    endings[name].error = await pool.submit(die).catch((error) => error);
    endings[name].after = await pool.submit(tasks.add, 1, 2);
  }
  await check(
    'whatever ends the process: its task fails with how that was, and the pool goes on',
    () => {
      for (const [name, { error, after, reason, signal, exitCode, stderr }] of Object.entries(
        endings,
      )) {
        assert.ok(error instanceof WorkerLostError, `${name}: ${error}`);
        assert.deepEqual([error.reason, error.signal, error.exitCode], [reason, signal, exitCode], name); // prettier-ignore
        assert.ok(error.pid > 0 && error.rank >= 0 && error.message.includes(String(error.pid)), name); // prettier-ignore
        if (stderr !== undefined) assert.match(error.stderr, stderr, name);
        assert.equal(after, 3, name);
      }
    },
  );

  await check('a process whose memory is full says so', async () => {
    // The flags of the launcher's ranks are those of the command line, where the test puts this one, too.
    assert.ok((await pool.submit(() => process.execArgv)).includes(execArgv[0]));
    const error = await pool.submit(fillMemory).catch((thrown) => thrown);
    assert.equal(error.reason, 'out of memory', error.message);
    assert.equal(error.cause.code, 'ERR_WORKER_OUT_OF_MEMORY');
    assert.match(error.stderr, /this is the last line/);
    assert.match(error.message, /max-old-space-size/);
  });

  await check('the next process is set up as the first one was', async () => {
    await pool.submit(deaths.SIGKILL).catch(() => undefined);
    for (let i = 0; i < 20; i++)
      assert.deepEqual(await pool.submit(() => [process.env.KEPT, globalThis.counted]), ['yes', 1]);
  });

  await check(
    'a process that dies while it has nothing to do is replaced, and no task notices',
    async () => {
      const [victim] = await sandboxes(pool);
      process.kill(victim, 'SIGKILL');
      assert.deepEqual(
        await pool.map(tasks.add, [1, 2, 3, 4], [1, 1, 1, 1]).toArray(),
        [2, 3, 4, 5],
      );
      assert.ok(!(await sandboxes(pool)).includes(victim));
    },
  );

  await check('a task with retries runs again', async () => {
    writeFileSync(file, '');
    const others = pool.with({ retries: 1 }).map(tasks.sum, Array(20).fill(new Float64Array(1e5).fill(1))).toArray(); // prettier-ignore
    assert.equal(await pool.with({ retries: 1 }).submit(dieAtFirst, file, 1), 2);
    assert.equal(await pool.with({ retries: 3 }).submit(dieTwice), 3);
    assert.deepEqual(await others, Array(20).fill(1e5));
  });

  await check('the next process has the functions that only its tasks refer to', async () => {
    setFlagsFromString('--expose-gc');
    const collecting = setInterval(runInNewContext('gc'), 5);
    for (const deaths of [1, 2]) {
      writeFileSync(file, '');
      const made = pool.with({ retries: 2 }).submit(callLater, file, deaths, new Function('return 6 * 7'));
      assert.equal(await made, 42);
    }
    clearInterval(collecting);
  }); // prettier-ignore

  await check('a process may die while it gets 64 MB', async () => {
    const [victim] = await sandboxes(pool);
    const sums = pool.with({ retries: 1 }).map(tasks.sum, Array(4).fill(new Uint8Array(big).fill(1))).toArray(); // prettier-ignore
    setTimeout(() => process.kill(victim, 'SIGKILL'), 20);
    assert.deepEqual(await sums, Array(4).fill(big));
  });

  await check('a process may die while it sends 64 MB', async () => {
    writeFileSync(file, '');
    const result = new Uint8Array(big).fill(7);
    const received = await pool.with({ retries: 1 }).submit(dieLater, file, result);
    assert.equal(received.byteLength, big);
    assert.ok(received.every((byte) => byte === 7));
    // It may have sent all before: then it dies later, and is not to have a task of the next check.
    const victim = Number(readFileSync(file, 'utf8'));
    await until(() => !isThere(victim));
  });

  await check(
    'what a dead process had not begun runs elsewhere, without retries: each task once',
    async () => {
      await sandboxes(pool);
      const before = descriptors();
      const count = 600;
      const every = 20;
      const ways = [deaths.SIGKILL, deaths.SIGSEGV, deaths.reallyExit];
      const futures = Array.from({ length: count }, (_, i) =>
        i % every === 5 ? pool.submit(ways[i % ways.length]) : pool.submit(tasks.add, i, 1),
      );
      const ended = await Promise.allSettled(futures);
      const wrong = ended.filter(({ value, reason }, i) =>
        i % every === 5 ? !(reason instanceof WorkerLostError) : value !== i + 1,
      );
      assert.deepEqual(wrong, []);
      const live = await sandboxes(pool);
      assert.equal(live.length, workers);
      await soon(() => descriptors() <= before + 2);
      assert.ok(descriptors() <= before + 2, `${descriptors()} descriptors, ${before} before`);
    },
  );

  await check(
    'what is no message, in the pipe to the worker, ends the process and not the worker',
    async () => {
      const write = (value) => {
        writeSync(4, Buffer.alloc(64, value));
        return new Promise(() => undefined);
      };
      for (const value of [0xff, 0x7f]) {
        const error = await pool.submit(write, value).catch((thrown) => thrown);
        assert.match(error.reason, /^has sent what is no message: a (size|message) of /);
        assert.equal(await pool.submit(tasks.add, 1, 2), 3);
      }
    },
  );

  await check('a task that never ends costs its own time only', async () => {
    const hasty = pool.with({ timeout: 50, killAfter: 20 });
    for (let round = 0; round < 3; round++) {
      const stuck = hasty.submit(forEver);
      const others = pool.map(tasks.identity, Array(20).fill(round)).toArray();
      await assert.rejects(stuck, { code: 'ERR_TIMEOUT' });
      assert.deepEqual(await others, Array(20).fill(round));
    }
    const stuck = pool.submit(forEver);
    while (!stuck.running()) await new Promise(setImmediate);
    assert.equal(stuck.cancel({ kill: true, killAfter: 0 }), true);
    await assert.rejects(stuck, { code: 'ERR_CANCELLED' });
    assert.equal((await sandboxes(pool)).length, workers);
  });

  await check('killWorkers ends an executor whose tasks never would, and no other', async () => {
    const other = new PoolExecutor({ isolate: true });
    const stuck = Array.from({ length: 2 * workers }, () => other.submit(forEver));
    while (!stuck[0].running()) await new Promise(setImmediate);
    const others = pool.map(tasks.identity, Array(20).fill(1)).toArray();
    await other.killWorkers();
    for (const future of stuck)
      assert.match((await future.exception().catch((error) => error)).code, /LOST|CANCELLED/);
    assert.deepEqual(await others, Array(20).fill(1));
  });

  await check('two pools at once: each of the next processes is set up for its own', async () => {
    const other = new PoolExecutor({ isolate: true, globals: { ofOther: 7 } });
    const [seen] = await Promise.all([
      Promise.all(Array.from({ length: 200 }, (_, i) => other.with({ retries: 50 }).submit(ofOther, i % 50 === 7 && `${file}-${i}`))),
      ...Array.from({ length: 4 }, () => pool.submit(deaths.SIGKILL).catch(() => undefined)),
    ]); // prettier-ignore
    assert.deepEqual(seen, Array(200).fill(7));
    assert.deepEqual(await pool.submit(() => [process.env.KEPT, globalThis.counted]), ['yes', 1]);
    await other.shutdown();
  });

  await check(
    'a process that dies in an initializer is followed by one that is set up',
    async () => {
      writeFileSync(file, '');
      const other = new PoolExecutor({
        isolate: true,
        initializer: dieAtFirst,
        initArgs: [file, 2],
      });
      assert.deepEqual(await other.map(tasks.add, [1, 2, 3], [1, 1, 1]).toArray(), [2, 3, 4]);
      await other.shutdown();
    },
  );

  await check('an initializer that ends each process breaks the pool, and no other', async () => {
    const broken = new PoolExecutor({ isolate: true, initializer: deaths.reallyExit });
    await assert.rejects(broken.bootup(), ({ name }) => name === 'BrokenExecutorError' || name === 'SpawnError'); // prettier-ignore
    await broken.shutdown();
  });

  await check('MPI is refused there, with the reason', async () => {
    await assert.rejects(
      pool.submit(() => void getCommWorkers()),
      /option isolate/,
    );
    const start = async () => (await import('mpi-futures/mpi')).initialize();
    await assert.rejects(pool.submit(start), { code: 'ERR_MPI_STARTED_ELSEWHERE' });
  });

  await check('a pool of a task has a thread', async () => {
    const nested = async () => {
      const { PoolExecutor: Pool } = await import('mpi-futures');
      const inner = new Pool();
      const result = await inner.submit((x) => [x, process.pid], 5);
      await inner.shutdown();
      return [...result, process.pid];
    };
    const [x, inner, outer] = await pool.submit(nested);
    assert.deepEqual([x, inner], [5, outer]);
  });

  await check('when the pool has ended the processes have', async () => {
    const live = await sandboxes(pool);
    await pool.shutdown();
    // The launcher's ranks go on with the program.
    const again = new PoolExecutor({ isolate: true });
    assert.equal(await again.submit(tasks.add, 1, 2), 3);
    await again.shutdown();
    const isStatic = process.argv[3] === 'static';
    if (!isStatic) await soon(() => !live.some(isThere));
    assert.equal(live.filter(isThere).length, isStatic ? workers : 0);
  });
}
