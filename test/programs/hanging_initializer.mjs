/** Arguments: how the initializer hangs, and the option bootTimeout, which also limits the start of workers. */

import assert from 'node:assert/strict';
import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import * as tasks from './tasks.mjs';

if (isMain) {
  const [, , way, limit] = process.argv;
  const bootTimeout = Number(limit);
  const busy = way === 'busy';
  const initializer = busy ? tasks.busy : tasks.later;
  const initArgs = busy ? [3_600_000] : [0, 3_600_000];
  const pool = new PoolExecutor({ initializer, initArgs, bootTimeout });
  const expected = {
    code: 'ERR_BROKEN_EXECUTOR',
    message: RegExp(
      `^Workers (0, 1|1, 0) of .* have not been set up within ${limit} ms.*bootTimeout`,
    ),
  };

  await check(
    'an initializer that does not end breaks the executor after bootTimeout',
    async () => {
      const future = pool.submit(tasks.add, 1, 1);
      await assert.rejects(pool.bootup(), expected);
      await assert.rejects(future, expected);
      assert.throws(() => pool.submit(tasks.nothing), { code: 'ERR_BROKEN_EXECUTOR' });
      assert.equal(pool.numWorkers, 0);
    },
  );

  await check('it can be shut down', async () => {
    await pool.shutdown();
  });
}
