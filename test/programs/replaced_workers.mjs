/**
 * Loses spawned workers where the MPI was told to survive that, so that they are replaced. Arguments: a folder; `asked` if
 * that is asked for by an option only.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { BrokenExecutorError, PoolExecutor, WorkerLostError, isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { die, dieAtFirst, initialize, initializedWith, pidsOf, until } from './dying.mjs';
import * as tasks from './tasks.mjs';

if (isMain) {
  const [folder, asked] = process.argv.slice(2);
  const options = asked === undefined ? {} : { restart: true };
  const file = `${folder}/deaths`;
  const pool = new PoolExecutor({ ...options, initializer: initialize, initArgs: [7] });
  await pool.bootup();

  // mpi4py: a worker dies: the job ends, or the future hangs for ever
  await check('a lost worker is replaced by one that is set up like it', async () => {
    await assert.rejects(pool.submit(die), WorkerLostError);
    await until(() => pool.numWorkers === 2);
    const seen = await Promise.all(Array.from({ length: 20 }, () => pool.submit(initializedWith)));
    assert.equal(new Set(seen.map(([pid]) => pid)).size, 2);
    assert.ok(seen.every(([, value]) => value === 7));
  });

  await check('the replacement has the rank of the lost worker', async () => {
    const futures = Array.from({ length: 10 }, () => pool.submit(tasks.rejectLater, 'where'));
    const stacks = await Promise.all(futures.map((future) => future.catch(({ stack }) => stack)));
    for (const stack of stacks) assert.match(stack, /at worker [01] of 2 on /);
    assert.equal(new Set(stacks.map((stack) => /at worker \d/.exec(stack)[0])).size, 2);
  });

  await check('tasks wait for a replacement when no worker is left', async () => {
    const single = await new PoolExecutor({ ...options, maxWorkers: 1 }).bootup();
    const [pid] = await pidsOf(single);
    process.kill(pid, 'SIGKILL');
    await until(() => single.numWorkers === 0);
    const futures = Array.from({ length: 10 }, (_, i) => single.submit(tasks.identity, i));
    assert.deepEqual(await Promise.all(futures), [...futures.keys()]);
    assert.equal(single.numWorkers, 1);
    await single.shutdown();
  });

  await check('a pool that is opened later has replaced workers of its own', async () => {
    const other = new PoolExecutor({ ...options, maxWorkers: 1 });
    await assert.rejects(other.submit(die), WorkerLostError);
    assert.equal(await other.submit(tasks.add, 1, 2), 3);
    await other.shutdown();
  });

  await check('with restart false the pool goes on with those that are left', async () => {
    const fewer = await new PoolExecutor({ restart: false }).bootup();
    await assert.rejects(fewer.submit(die), WorkerLostError);
    assert.equal(fewer.numWorkers, 1);
    assert.equal(await fewer.submit(tasks.add, 1, 2), 3);
    await assert.rejects(fewer.submit(die), WorkerLostError);
    await assert.rejects(async () => fewer.submit(tasks.add, 1, 2), BrokenExecutorError);
    await fewer.shutdown();
  });

  await check('workers that die one after the other are replaced a few times only', async () => {
    const doomed = new PoolExecutor({ ...options, maxWorkers: 1, initializer: die });
    await assert.rejects(doomed.bootup(), (error) => {
      assert.ok(error instanceof BrokenExecutorError);
      assert.match(error.message, /3 have died/);
      return error.cause instanceof WorkerLostError;
    });
    assert.throws(() => doomed.submit(tasks.add, 1, 2), BrokenExecutorError);
    assert.equal(doomed.numWorkers, 0);
    await doomed.shutdown();
  });

  await check('a task that waits to run again is pending, and can be cancelled', async () => {
    const single = await new PoolExecutor({ ...options, maxWorkers: 1 }).bootup();
    const future = single.with({ retries: 5 }).submit(die);
    await until(() => future.running());
    await until(() => single.numWorkers === 0);
    assert.equal(future.state, 'pending');
    assert.equal(future.cancel(), true);
    await single.shutdown();
  });

  await check('when retries are used up the task fails with the last loss', async () => {
    writeFileSync(file, '');
    await until(() => pool.numWorkers === 2);
    const future = pool.with({ retries: 1 }).submit(dieAtFirst, file, 10);
    await assert.rejects(future, WorkerLostError);
    assert.equal(readFileSync(file).length, 2);
    await until(() => pool.numWorkers === 2);
  });

  await check('a pool with replaced workers is shut down like any other', async () => {
    const last = pool.submit(tasks.later, 'last', 50);
    await pool.shutdown();
    assert.equal(await last, 'last');
  });
}
