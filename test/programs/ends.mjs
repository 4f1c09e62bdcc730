/** Ends in the way that is asked for. */

import { inspect } from 'node:util';
import { PoolExecutor as Nested, isMain } from 'mpi-futures';
import { PoolExecutor } from './executor.mjs';
import { busy, identity } from './tasks.mjs';

async function busyPool() {
  const pool = await new PoolExecutor().bootup();
  for (let i = 0; i < 1000; i++) pool.submit(busy, 600_000);
  return pool;
}

/** Leaves behind a pool that computes. */
async function leaveBusyPool() {
  const pool = await new Nested({ maxWorkers: 1 }).bootup();
  void pool.submit(busy, 20_000);
}

async function poolsOfTasks() {
  const pool = await new PoolExecutor().bootup();
  await Promise.all([pool.submit(leaveBusyPool), pool.submit(leaveBusyPool)]);
}

/** Says what each call that needs workers does. */
function tryAll(pool) {
  const calls = {
    submit: () => pool.submit(identity, 1),
    map: () => pool.map(identity, [1]),
    starmap: () => pool.starmap(identity, [[1]]),
    with: () => pool.with({ retries: 1 }).submit(identity, 1),
  };
  for (const [name, call] of Object.entries(calls)) {
    try {
      call();
      console.log(`${name}: accepted`);
    } catch (error) {
      console.log(`${name}: ${error.code}`);
    }
  }
  // Inspected at once, because promises are no longer settled.
  const rejection = pool.bootup();
  rejection.catch(() => undefined);
  console.log(
    `bootup: ${/ERR_EXECUTOR_SHUTDOWN/.test(inspect(rejection)) ? 'refused' : 'accepted'}`,
  );
}

function triesAllAtExit() {
  const [started, fresh] = [new PoolExecutor(), new PoolExecutor()];
  process.on('exit', () => {
    tryAll(started);
    tryAll(fresh);
    tryAll(new PoolExecutor());
  });
  return started;
}

const ways = {
  'makes no pool': async () => undefined,

  'never uses its pool': async () => new PoolExecutor(),

  'only boots its pool': async () => new PoolExecutor().bootup(),

  'forgets shutdown': async () => {
    console.log(await new PoolExecutor().submit(identity, 'a result'));
  },

  'does not wait for its result': async () => {
    new PoolExecutor().submit(identity, 'a result').then(console.log);
  },

  'does not wait for shutdown': async () => {
    const pool = new PoolExecutor();
    pool.submit(identity, 'a result').then(console.log);
    pool.shutdown({ wait: false });
  },

  'exits with 0 while work is queued': async () => {
    await busyPool();
    process.exit(0);
  },

  'exits with 3 while work is queued': async () => {
    await busyPool();
    console.log('ending');
    process.exit(3);
  },

  'exits with 0 while workers start': async () => {
    new PoolExecutor().submit(identity, 1);
    setTimeout(() => process.exit(0), 300);
  },

  'exits with 3 while workers start': async () => {
    new PoolExecutor().submit(identity, 1);
    process.exit(3);
  },

  'ends while pools of its tasks compute': async () => {
    await poolsOfTasks();
  },

  'exits with 3 while pools of its tasks compute': async () => {
    await poolsOfTasks();
    process.exit(3);
  },

  'submits in an exit listener': async () => {
    await triesAllAtExit().submit(identity, 1);
  },

  'submits in an exit listener after process.exit': async () => {
    triesAllAtExit()
      .submit(identity, 1)
      .addDoneCallback(() => process.exit(0));
  },

  'sets exitCode 5': async () => {
    await new PoolExecutor().submit(identity, 1);
    process.exitCode = 5;
  },

  'throws while work is queued': async () => {
    await busyPool();
    setTimeout(() => {
      throw new Error('nobody catches this');
    });
  },

  'rejects while work is queued': async () => {
    await busyPool();
    throw new Error('nobody catches this');
  },
};

if (isMain) await ways[process.argv[2]]();
