/** Kills tasks of an isolated worker on another host: which tasks have begun there, its keeper knows, and the master does not. */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { isMain, PoolExecutor } from 'mpi-futures';
import { tellBegun, whenBegun } from './begun.mjs';
import { check } from './check.mjs';
import { busy } from './tasks.mjs';

/** Where the task ran: another answer in each process. */
function short(milliseconds, file) {
  tellBegun(file);
  busy(milliseconds);
  return [(globalThis.incarnation ??= randomUUID()), hostname()];
}

if (isMain) {
  const pool = await new PoolExecutor({ maxWorkers: 1, isolate: true }).bootup();

  /** Two tasks, the one with a file known to have begun. So many have run before that tasks are sent ahead. */
  const twoSent = async (submitBoth) => {
    const before = await Promise.all(Array.from({ length: 500 }, () => pool.submit(short, 0)));
    const [both] = await whenBegun(submitBoth);
    return [before[0], ...both];
  };

  await check('a task is not killed for the one before it, whose result waits', async () => {
    let before, first, second;
    // Where the machine was slow at the wrong moment that result did not wait.
    do {
      [before, first, second] = await twoSent((file) => [
        pool.submit(short, 0),
        pool.submit(short, 1000, file),
      ]);
    } while (!first.cancel({ kill: true, killAfter: 0 }));
    assert.equal(before[1], 'nodeb');
    assert.deepEqual(await second, before);
  });

  await check(
    'one that was sent behind a task that is killed runs in the next process',
    async () => {
      const [before, stuck, last] = await twoSent((file) => [
        pool.submit(short, Infinity, file),
        pool.submit(short, 0),
      ]);
      assert.equal(stuck.cancel({ kill: true, killAfter: 0 }), true);
      const [incarnation, host] = await last;
      assert.notEqual(incarnation, before[0]);
      assert.equal(host, 'nodeb');
      assert.equal(pool.stats().lost, 0);
    },
  );

  await pool.shutdown();
}
