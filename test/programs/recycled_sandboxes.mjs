/** Isolated workers whose processes are replaced between two tasks, in any layout. Argument: the option that does it. */

import assert from 'node:assert/strict';
import { PoolExecutor, isMain } from 'mpi-futures';
import { check } from './check.mjs';

const options = { maxTasksPerWorker: 20, maxMemory: 2 ** 27 };

function initialize() {
  globalThis.counted = 0;
}

/** Keeps 8 MB where memory is what counts. */
function count(i, keeps) {
  if (keeps) (globalThis.kept ??= []).push(new Array(1 << 20).fill(i));
  return [i, process.pid, ++globalThis.counted];
}

if (isMain) {
  const [, , option] = process.argv;
  const keeps = option === 'maxMemory';
  const tasks = keeps ? 60 : 110;

  await check('each process is replaced in time, and no task is lost', async () => {
    const pool = new PoolExecutor({ [option]: options[option], initializer: initialize });
    const seen = await Promise.all(
      Array.from({ length: tasks }, (_, i) => pool.submit(count, i, keeps)),
    );
    assert.deepEqual(seen.map(([i]) => i), [...seen.keys()]); // prettier-ignore
    const done = new Map();
    for (const [, pid, counted] of seen) done.set(pid, Math.max(counted, done.get(pid) ?? 0));
    const counts = [...done.values()];
    // Each task was done once, by a process in which the initializer had run.
    assert.equal(
      counts.reduce((a, b) => a + b),
      tasks,
    );
    assert.ok(done.size > pool.numWorkers);
    assert.ok(keeps || counts.every((n) => n <= options.maxTasksPerWorker));
    assert.deepEqual([pool.stats().failed, pool.stats().lost], [0, 0]);
    await pool.shutdown();
  });
}
