/**
 * Loses workers where the MPI was told to survive that. Arguments: a folder; `asked` if that is asked for by an option only,
 * `exits` if they are not to die by a signal.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { PoolExecutor, WorkerLostError, isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { die, dieAtFirst, notedUnlessDeadly, throwAndCount } from './dying.mjs';
import * as tasks from './tasks.mjs';

if (isMain) {
  const [folder, way] = process.argv.slice(2);
  const file = `${folder}/deaths`;
  const pool = await new PoolExecutor(way === 'asked' ? { restart: true } : {}).bootup();

  await check('the futures of a lost worker fail at once and the others go on', async () => {
    const others = pool.submit(tasks.later, 'done', 500);
    const lost = pool.submit(die);
    await assert.rejects(lost, (error) => error instanceof WorkerLostError && error.pid > 0);
    assert.equal(await others, 'done');
    assert.equal(await pool.submit(tasks.add, 1, 2), 3);
  });

  // mpi4py: `with({ signal, timeout, retries })`
  await check('a task with retries runs again when its worker was lost', async () => {
    writeFileSync(file, '');
    const large = new Float64Array(1e5).fill(1);
    const others = pool.with({ retries: 1 }).map(tasks.sum, Array(20).fill(large)).toArray();
    assert.equal(await pool.with({ retries: 1 }).submit(dieAtFirst, file, 1), 2);
    assert.deepEqual(await others, Array(20).fill(1e5));
  });

  await check('a task that throws is not run again', async () => {
    writeFileSync(file, '');
    await assert.rejects(pool.with({ retries: 3 }).submit(throwAndCount, file), RangeError);
    assert.equal(readFileSync(file).length, 1);
  });

  await check('what a lost worker has not begun runs on another one, without retries', async () => {
    const calls = (count, deadly) => Array.from({ length: count }, (_, i) => pool.submit(notedUnlessDeadly, file, i, i === deadly)); // prettier-ignore
    await Promise.all(calls(500, -1));
    writeFileSync(file, '');
    const [deadly, ...others] = calls(40, 0);
    await assert.rejects(deadly, WorkerLostError);
    await Promise.all(others);
    const noted = readFileSync(file, 'utf8').trim().split(' ').map(Number);
    assert.deepEqual(noted.sort((a, b) => a - b), [...Array(40).keys()].slice(1)); // prettier-ignore
  });

  await check('a pool with a lost worker is shut down like any other', async () => {
    const last = pool.submit(tasks.later, 'last', 50);
    await pool.shutdown();
    assert.equal(await last, 'last');
  });
}
