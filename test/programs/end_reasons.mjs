/** Loses workers that say why, where this program outlives them. Start it with little memory for JavaScript. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { PoolExecutor, WorkerLostError, isMain } from 'mpi-futures';
import { check } from './check.mjs';

const fill = () => {
  const everything = [];
  for (;;) everything.push(new Array(1e5).fill({}));
};
const crash = () => {
  console.error('about to crash');
  process.abort();
};
const vanish = () => {
  console.log('not an error');
  process.kill(process.pid, 'SIGKILL');
  for (;;);
};
const printNatively = () => {
  writeSync(1, 'written to stdout itself\n');
  writeSync(2, 'written to stderr itself\n');
  execFileSync('echo', ['printed by a child process'], { stdio: 'inherit' });
};

/** How the worker that `task` ends is lost. */
async function lossBy(task) {
  const pool = new PoolExecutor({ maxWorkers: 1 });
  const error = await pool.submit(task).exception();
  await pool.shutdown();
  assert.ok(error instanceof WorkerLostError, error);
  return error;
}

if (isMain) {
  await check('a worker whose memory is full', async () => {
    const error = await lossBy(fill);
    assert.match(error.reason, /^its process has ended: .*JavaScript heap out of memory$/);
    assert.match(error.message, /--max-old-space-size/);
    assert.match(error.stderr, /^FATAL ERROR: .*JavaScript heap out of memory$/m);
    assert.equal(error.cause.code, 'ERR_WORKER_OUT_OF_MEMORY');
  });

  await check('a worker that aborts', async () => {
    const { reason, stderr, cause } = await lossBy(crash);
    assert.equal(reason, 'its process has ended: Aborted (signal 6)');
    assert.match(stderr, /^about to crash$/m);
    assert.equal(cause, undefined);
  });

  await check('a worker that says nothing', async () => {
    const error = await lossBy(vanish);
    assert.equal(error.reason, 'its process has ended');
    assert.ok(!('stderr' in error) && error.cause === undefined);
  });

  await check(
    'what is written without JavaScript, as the last that the program has done',
    async () => {
      const pool = new PoolExecutor({ maxWorkers: 1 });
      await pool.submit(printNatively);
    },
  );
}
