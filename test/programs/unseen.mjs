/** A task fails, nobody looks at it, and the program ends in the way that is asked for. */

import { once } from 'node:events';
import { Worker, isMainThread, threadId, workerData } from 'node:worker_threads';
import { ThreadPoolExecutor, collect, compose, isMain, wait } from 'mpi-futures';
import { PoolExecutor } from './executor.mjs';

/** Two failures that nobody looks at, and one that somebody does. */
async function fail(pool = new PoolExecutor({ maxWorkers: 1 })) {
  const throws = (message) => {
    throw new Error(message);
  };
  // `wait` does not look at results. One after the other, so that the order of the failures is known.
  await wait([pool.submit(throws, 'nobody looks at this')]);
  await wait([pool.submit(throws, 'nor at that')]);
  await pool.submit(throws, 'somebody looks at this').catch(() => undefined);
  return pool;
}

const ways = {
  'by itself': () => fail(),

  'by process.exit': async () => {
    await fail();
    process.exit(0);
  },

  'by an error': async () => {
    await fail();
    setImmediate(() => {
      throw new Error('the end');
    });
  },

  'by a signal that it listens to': async () => {
    process.on('SIGTERM', () => process.exit(0));
    await fail();
    process.kill(process.pid, 'SIGTERM');
    setInterval(() => undefined, 1000);
  },

  'after shutdown': async () => {
    const pool = await fail();
    await pool.shutdown();
  },

  'at once after shutdown': async () => {
    const pool = await fail();
    await pool.shutdown();
    process.exit(0);
  },

  'when the executor is garbage': async () => {
    const { default: v8 } = await import('node:v8');
    const { default: vm } = await import('node:vm');
    v8.setFlagsFromString('--expose-gc');
    const collectGarbage = vm.runInNewContext('gc');
    const told = once(process, 'warning');
    const reference = new WeakRef(await fail());
    const turns = setInterval(() => collectGarbage(), 10);
    await told;
    clearInterval(turns);
    console.log(reference.deref() === undefined ? 'collected' : 'still there');
  },

  'in a thread of its own': async () => {
    const thread = new Worker(new URL(import.meta.url), { workerData: 'a thread with a pool' });
    await once(thread, 'exit');
  },

  'with composed futures': async () => {
    const pool = new PoolExecutor({ maxWorkers: 1 });
    void compose(
      pool.submit(() => 1),
      () => {
        throw new Error('nobody looks at this');
      },
    );
    await pool.submit(() => 1);
  },

  'with futures of no executor': async () => {
    void compose(collect([]), () => {
      throw new Error('nobody looks at this');
    });
  },
};

if (workerData === 'a thread with a pool') await fail(new ThreadPoolExecutor(1));
else if (isMain && isMainThread && threadId === 0) await ways[process.argv[2]]();
