/** The effect of an executor's options on its workers, and of an option that fails. */

import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PoolExecutor, isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { isShared } from './layout.mjs';
import * as tasks from './tasks.mjs';

let initialized;

export function initialize(first, second) {
  initialized = [first, second];
}

export function whatWasInitialized() {
  return initialized;
}

export async function refuse() {
  await tasks.later(undefined, 10);
  throw new RangeError('this worker does not work');
}

export function isTheProgram() {
  return isMain;
}

if (isMain) {
  /** Runs `body` with an executor of these options. */
  const withPool = async (options, body) => {
    const pool = new PoolExecutor({ maxWorkers: 1, ...options });
    try {
      await body(pool);
    } finally {
      await pool.shutdown();
    }
  };

  // mpi4py: without `max_workers`: universe size minus world size, at least 1
  // mpi4py: `max_workers` is checked and ignored by a shared pool
  // test_futures.py: PoolInit max_workers, _environ
  await check('maxWorkers is how many are spawned', async () => {
    await withPool({ maxWorkers: 1 }, async (pool) => {
      await pool.bootup();
      assert.equal(pool.numWorkers, isShared ? 2 : 1);
    });
  });

  // mpi4py: `MPI4PY_FUTURES_MAX_WORKERS` is not checked
  // test_futures.py: PoolInit max_workers, _environ
  await check('MPI_FUTURES_MAX_WORKERS is how many where the program does not say', async () => {
    const before = process.env.MPI_FUTURES_MAX_WORKERS;
    try {
      process.env.MPI_FUTURES_MAX_WORKERS = '1';
      await withPool({ maxWorkers: undefined }, async (pool) => {
        await pool.bootup();
        assert.equal(pool.numWorkers, isShared ? 2 : 1);
      });
      process.env.MPI_FUTURES_MAX_WORKERS = '0';
      assert.throws(() => new PoolExecutor(), {
        name: 'RangeError',
        message: /MPI_FUTURES_MAX_WORKERS must be greater than 0/,
      });
      process.env.MPI_FUTURES_MAX_WORKERS = 'many';
      assert.throws(() => new PoolExecutor(), TypeError);
    } finally {
      if (before === undefined) delete process.env.MPI_FUTURES_MAX_WORKERS;
      else process.env.MPI_FUTURES_MAX_WORKERS = before;
    }
  });

  // mpi4py: `initkwargs`
  // mpi4py: `globals` are names in the main module
  // mpi4py: `backoff`, 1 ms: how long a sleeping thread sleeps
  // mpi4py: `python_exe`, `python_args`, `mpi_info`, `path`, `wdir`, `env`, applied before main is imported
  // test_futures.py: PoolInit init_kwargs, init_pyargs
  // test_futures.py: PoolInit init_globals
  await check('all options together', async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mpi-futures-')));
    const options = {
      initializer: initialize,
      initArgs: [1, { two: 2 }],
      execPath: process.execPath,
      execArgv: ['--stack-size=500'],
      mpiInfo: new Map([['wdir', folder]]),
      globals: { ofAllOptions: 42 },
      main: false,
      path: [],
      cwd: folder,
      env: new Map([['OF_ALL_OPTIONS', 'yes']]),
      backoff: 2,
      closures: 'copy',
      bootTimeout: 50_000,
    };
    await withPool({ ...options, main: undefined }, async (pool) => {
      assert.deepEqual(await pool.submit(whatWasInitialized), [1, { two: 2 }]);
      assert.equal(await pool.submit(() => globalThis.ofAllOptions === 42), true);
      assert.equal(await pool.submit(() => process.env.OF_ALL_OPTIONS), 'yes');
      assert.equal(await pool.submit(() => process.cwd()), folder);
      const flags = await pool.submit(() => process.execArgv);
      assert.equal(flags.includes('--stack-size=500'), !isShared);
      assert.equal(process.cwd() === folder, false);
    });
    await withPool({ main: false }, async (pool) =>
      assert.equal(await pool.submit(Math.abs, -1), 1),
    );
    rmSync(folder, { recursive: true });
  });

  // mpi4py: flags of the interpreter are inherited
  // test_futures.py: PoolInit init_sys_flags
  await check('flags of this Node.js reach spawned workers', async () => {
    await withPool({}, async (pool) => {
      const flags = await pool.submit(() => process.execArgv);
      for (const flag of isShared ? [] : process.execArgv) assert.ok(flags.includes(flag));
    });
  });

  // mpi4py: imported as `__worker__`
  // test_futures.py: PoolInit run_name
  await check('isMain is false on a worker', async () => {
    await withPool({}, async (pool) => assert.equal(await pool.submit(isTheProgram), false));
    assert.equal(isTheProgram(), true);
  });

  // mpi4py: `initkwargs`
  // test_futures.py: SharedPoolInit initializer_0
  await check('an initializer runs once on every worker before any task', async () => {
    await withPool(
      { maxWorkers: 2, initializer: initialize, initArgs: ['a', 'b'] },
      async (pool) => {
        const seen = await pool.map(whatWasInitialized, Array(50).fill(0)).toArray();
        assert.deepEqual(seen, Array(50).fill(['a', 'b']));
      },
    );
  });

  // mpi4py: `initializer` must be callable
  // test_futures.py: PoolInit initializer, initializer_bad
  await check('an initializer that is no function is refused at once', async () => {
    assert.throws(() => new PoolExecutor({ initializer: 123 }), TypeError);
    assert.throws(() => new PoolExecutor({ initializer: initialize, initArgs: 5 }), TypeError);
  });

  // mpi4py: an initializer fails: broken, the reason is lost
  // mpi4py: `bootup()` of a broken executor returns
  // mpi4py: `CancelledError`, `TimeoutError`, `InvalidStateError`; all have a `code` here
  // mpi4py: a broken executor: `submit` and `map` raise, `num_workers` is 0
  // test_futures.py: SharedPoolInit initializer_1
  // test_futures.py: PoolInit initializer_error
  await check('a failing initializer fails what is queued, what comes, and bootup', async () => {
    for (let twice = 0; twice < 2; twice++) {
      await withPool({ initializer: refuse }, async (pool) => {
        const futures = [pool.submit(tasks.nothing), pool.submit(tasks.add, 1, 1)];
        assert.equal(futures[0].cancel(), true);
        const error = await futures[1].exception();
        assert.equal(error.name, 'BrokenExecutorError');
        assert.equal(error.cause.message, 'this worker does not work');
        const broken = { code: 'ERR_BROKEN_EXECUTOR' };
        assert.throws(() => pool.submit(tasks.nothing), broken);
        assert.throws(() => pool.map(tasks.nothing, [1]), broken);
        await assert.rejects(pool.bootup(), broken);
        assert.equal(pool.numWorkers, 0);
      });
    }
  });

  // test_futures.py: PoolInit initializer_error
  await check('a map whose executor breaks ends with that error', async () => {
    await withPool({ initializer: refuse }, async (pool) => {
      const results = pool.map(tasks.identity, Array(1000).fill(1));
      await assert.rejects(results.toArray(), { code: 'ERR_BROKEN_EXECUTOR' });
    });
  });

  // test_futures.py: SharedPoolInit initializer_2, _3
  await check('a new executor works after one that broke', async () => {
    await withPool({ initializer: initialize, initArgs: [1, 2] }, async (pool) => {
      assert.deepEqual(await pool.submit(whatWasInitialized), [1, 2]);
    });
    await withPool({}, async (pool) => assert.equal(await pool.submit(tasks.add, 1, 2), 3));
  });

  // mpi4py: if the initializer of one executor fails, only that executor is broken
  await check('an executor that broke does not disturb another one that works', async () => {
    await withPool({}, async (works) => {
      const before = works.map(tasks.busy, Array(200).fill(1)).toArray();
      await withPool({ initializer: refuse }, async (breaks) => {
        await assert.rejects(breaks.submit(tasks.nothing), { code: 'ERR_BROKEN_EXECUTOR' });
      });
      assert.equal((await before).length, 200);
      assert.equal(await works.submit(tasks.add, 1, 2), 3);
    });
  });

  // test_futures.py: PoolInit initializer_error_del, _nowait
  await check('bootup and shutdown without waiting, where the initializer fails', async () => {
    const pool = new PoolExecutor({ maxWorkers: 1, initializer: refuse });
    await pool.bootup({ wait: false });
    await pool.shutdown({ wait: false });
    await pool.shutdown();
  });
}
