/**
 * A worker answers one task with a large value, and the next one with a small one. It dies while the program, which is stopped,
 * has not received the large value. The small one is there, and counts. Argument: a folder.
 */

import assert from 'node:assert/strict';
import { isMain, PoolExecutor } from 'mpi-futures';
import { isLost, outcomes } from './behind_large.mjs';
import { check } from './check.mjs';

const values = [
  ['text', 3_000_000],
  ['text', 100_000],
  ['array', 3_000_000],
];

if (isMain) {
  const [folder] = process.argv.slice(2);
  const pool = await new PoolExecutor({ maxWorkers: 1, restart: true, heartbeat: 2500 }).bootup();
  const careful = pool.with({ retries: 2 });
  await check('a small result behind a large one arrives', async () => {
    let lost = 0;
    // A large value arrives where the worker dies late: the deadly task was sent when this process went on.
    for (let round = 0; round < 5 && lost === 0; round++)
      for (const [kind, size] of values) {
        const { settled } = await outcomes(folder, pool, pool, kind, size);
        const [first, second, third] = settled;
        assert.ok(first.value?.length === size || isLost(first), first.reason);
        assert.equal(second.value, 'small', second.reason);
        assert.ok(isLost(third), third.reason);
        if (isLost(first)) lost++;
      }
    assert.ok(lost > 0, 'all large values have arrived, so this says nothing');
  });
  await check('its task does not run again', async () => {
    for (const [kind, size] of values) {
      const { settled, ran } = await outcomes(folder, pool, careful, kind, size);
      const [first, second, third] = settled;
      assert.equal(first.value?.length, size, first.reason);
      assert.equal(second.value, 'small', second.reason);
      assert.equal(third.value, 'deadly', third.reason);
      assert.equal(ran.filter((name) => name === 'small').length, 1, ran.join(' '));
    }
  });
  await check('one that needs the definition of a long function is lost with it', async () => {
    const long = 3_000_000;
    const { settled } = await outcomes(folder, pool, pool, 'function', long, 'same function');
    const [first, second, third] = settled;
    assert.ok(first.value?.().length === long || isLost(first), first.reason);
    assert.ok(second.value?.().length === long || isLost(second), second.reason);
    assert.equal(isLost(first), isLost(second));
    assert.ok(isLost(third), third.reason);
  });
  await pool.shutdown();
}
