/** As results_behind_large.mjs, once, for a worker that nobody replaces. Arguments: a folder; `exits`, as it dies without a signal. */

import assert from 'node:assert/strict';
import { isMain, PoolExecutor } from 'mpi-futures';
import { isLost, outcomes } from './behind_large.mjs';
import { check } from './check.mjs';

if (isMain) {
  const [folder] = process.argv.slice(2);
  const pool = await new PoolExecutor().bootup();
  await check('a small result behind a large one arrives', async () => {
    const { settled } = await outcomes(folder, pool, pool, 'text', 3_000_000);
    const [first, second, third] = settled;
    assert.ok(first.value?.length === 3_000_000 || isLost(first), first.reason);
    assert.equal(second.value, 'small', second.reason);
    assert.ok(isLost(third), third.reason);
  });
  await pool.shutdown();
}
