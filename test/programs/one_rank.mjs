/** Under the launcher with one rank, an executor is one worker thread. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PoolExecutor, isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { add, place, throwTypeError } from './tasks.mjs';

const scale = 2;

if (isMain) {
  const pool = new PoolExecutor({ maxWorkers: 4, mpiInfo: { soft: '1' } });

  await check('a task runs in a thread of this process', async () => {
    assert.equal(await pool.submit(add, 40, 2), 42);
    const [process_] = (await pool.submit(place)).split('/');
    assert.equal(Number(process_), process.pid);
    assert.notEqual(await pool.submit(place), place());
  });

  await check('there is one worker', async () => {
    assert.equal(pool.numWorkers, 1);
    assert.equal(
      (await pool.submit(throwTypeError, 'x').exception()).stack.includes('of 1 on'),
      true,
    );
  });

  await check('functions of the program run there, as those of a worker', async () => {
    assert.deepEqual(await pool.submit((x) => [x * scale, isMain], 3), [6, false]);
  });

  await check('it computes while the program computes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mpi-futures-'));
    const file = join(folder, 'computed');
    const done = pool.submit(writeFileSync, file, 'there');
    await undefined; // it leaves
    const end = performance.now() + 20_000;
    while (!existsSync(file) && performance.now() < end);
    assert.ok(existsSync(file));
    await done;
    rmSync(folder, { recursive: true });
  });

  await check('every executor has a thread of its own', async () => {
    const other = new PoolExecutor();
    assert.notEqual(await other.submit(place), await pool.submit(place));
    await other.shutdown();
    assert.equal(await pool.submit(add, 1, 2), 3);
  });

  await check('another working directory is refused, with the reason', async () => {
    const elsewhere = new PoolExecutor({ cwd: tmpdir() });
    const error = await elsewhere.submit(add, 1, 2).exception();
    assert.equal(error.code, 'ERR_BROKEN_EXECUTOR');
    assert.match(error.cause.message, /cwd.*thread/);
    await elsewhere.shutdown();
  });

  await check('the working directory that it has is not refused', async () => {
    const here = new PoolExecutor({ cwd: process.cwd() });
    assert.equal(await here.submit(add, 1, 2), 3);
    await here.shutdown();
  });
}
