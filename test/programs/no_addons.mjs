/** Threads where Node.js loads no addon, by --no-addons: they need none. */

import assert from 'node:assert/strict';
import { isMain, ProcessPoolExecutor, ThreadPoolExecutor } from 'mpi-futures';
import { check } from './check.mjs';
import { identity } from './tasks.mjs';

function loadedAddons() {
  return process.report.getReport().sharedObjects.filter((file) => file.endsWith('.node'));
}

if (isMain) {
  await check('a large buffer comes back, and no addon was loaded', async () => {
    const pool = new ThreadPoolExecutor(1);
    const large = new Float64Array(1e6).fill(3);
    assert.deepEqual(await pool.submit(identity, large), large);
    assert.deepEqual(loadedAddons(), []);
    await pool.shutdown();
  });

  await check('nor could one be', async () => {
    const error = await new ProcessPoolExecutor(1).submit(identity, 1).exception();
    assert.match(error.code, /^ERR_ADDON_(NOT_BUILT|UNUSABLE)$/);
    if (error.code === 'ERR_ADDON_UNUSABLE') assert.match(error.message, /without --no-addons/);
  });
}
