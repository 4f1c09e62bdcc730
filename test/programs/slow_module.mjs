/** A task needs a module that its worker never loads to its end. */

import assert from 'node:assert/strict';
import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { soon } from './dying.mjs';
import { PoolExecutor } from './executor.mjs';
import { answer } from './never_loaded.mjs';

if (isMain) {
  const warnings = [];
  process.on('warning', ({ code, message }) => warnings.push({ code, message }));
  const pool = new PoolExecutor(1);

  await check('a warning names the module, and the task can be cancelled', async () => {
    const future = pool.submit(answer);
    await soon(() => warnings.length > 0);
    const [{ code, message }, ...more] = warnings;
    assert.equal(code, 'MPI_FUTURES_SLOW_MODULE');
    assert.match(message, /never_loaded\.mjs is not loaded after 10 s on /);
    assert.deepEqual(more, []);
    assert.equal(future.cancel({ kill: true }), true);
    assert.equal(await pool.submit((x) => x + 1, 1), 2);
  });

  await pool.shutdown();
}
