/** Pools that tasks have. */

import assert from 'node:assert/strict';
import { ThreadPoolExecutor, PoolExecutor as Nested, isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import { add, place, throwTypeError } from './tasks.mjs';

const [, , nestedSpawns] = process.argv;
const scale = 3;

class Sum {
  constructor(x) {
    this.x = x;
  }
}

function sum(numbers) {
  return new Sum(numbers.reduce((total, x) => total + x * scale, 0));
}

/** Runs `fn` in a pool that the task itself starts. */
async function inOwnPool(fn, ...args) {
  const pool = new Nested({ maxWorkers: 2 });
  try {
    return await pool.submit(fn, ...args);
  } finally {
    await pool.shutdown();
  }
}

async function places() {
  const pool = await new Nested({ maxWorkers: 2 }).bootup();
  const futures = Array.from({ length: 10 }, () => pool.submit(place));
  const result = [pool.numWorkers, place(), ...new Set(await Promise.all(futures))];
  await pool.shutdown();
  return result;
}

if (isMain) {
  const pool = new PoolExecutor();
  const warnings = [];
  process.on('warning', ({ name, code, message }) => {
    // The first with MPI_FUTURES_THREAD_LEVEL=funneled, the second on a busy machine.
    if (name !== 'MPIThreadLevelWarning' && code !== 'MPI_FUTURES_SLOW_START')
      warnings.push(message);
  });

  // mpi4py: executors inside tasks spawn, or become one thread under the launcher
  await check('a task has a pool of its own', async () => {
    assert.equal(await pool.submit(inOwnPool, add, 40, 2), 42);
  });

  // mpi4py: executors inside tasks spawn, or become one thread under the launcher
  await check('it spawns, or is one thread', async () => {
    const [numWorkers, here, ...others] = await pool.submit(places);
    const processOf = (place) => place.split('/')[0];
    assert.ok(!others.includes(here));
    if (nestedSpawns === 'spawns') {
      assert.equal(numWorkers, 2);
      assert.ok(others.every((other) => processOf(other) !== processOf(here)));
    } else {
      assert.equal(numWorkers, 1);
      assert.deepEqual(others.map(processOf), [processOf(here)]);
    }
  });

  await check('functions and classes of the program work there too', async () => {
    const total = await pool.submit(inOwnPool, sum, [1, 2, 3]);
    assert.ok(total instanceof Sum);
    assert.equal(total.x, 18);
  });

  await check('captured variables travel on', async () => {
    const offset = 5;
    const f = (x) => x * scale + offset;
    assert.equal(await pool.submit(inOwnPool, f, 2), 11);
    assert.equal(await pool.submit(async (x) => inOwnPool((y) => f(x) + y + offset, 1), 2), 17);
  });

  await check('an error of a task of a task is itself, with both places', async () => {
    const error = await pool.submit(inOwnPool, throwTypeError, 'deep').exception();
    assert.ok(error instanceof TypeError);
    assert.equal(error.message, 'deep');
    assert.match(error.stack, /at worker [01] of [12] on \S+\n +at worker [01] of 2 on \S+$/);
  });

  await check('two tasks at once have pools of their own', async () => {
    const sums = [1, 2, 3, 4].map((x) => pool.submit(inOwnPool, sum, [x]));
    assert.deepEqual(
      (await Promise.all(sums)).map(({ x }) => x),
      [3, 6, 9, 12],
    );
  });

  await check('a task of a task has one too', async () => {
    assert.equal(await pool.submit(inOwnPool, inOwnPool, add, 1, 2), 3);
  });

  await check('a pool of threads in a task has as many as it says', async () => {
    const threads = async () => {
      const pool = await new ThreadPoolExecutor(2).bootup();
      const results = await pool.map((x) => x * scale, [1, 2]).toArray();
      const { numWorkers } = pool;
      await pool.shutdown();
      return [numWorkers, ...results];
    };
    assert.deepEqual(await pool.submit(threads), [2, 3, 6]);
  });

  await check('a pool that a task forgets does not keep the program', async () => {
    const forgetful = async () => new Nested({ maxWorkers: 1 }).submit(add, 1, 2);
    assert.equal(await pool.submit(forgetful), 3);
  });

  await check('nothing of this is a reason to warn', async () => {
    assert.deepEqual(warnings, []);
  });

  await pool.shutdown();
}
