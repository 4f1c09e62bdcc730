/** Kills tasks of an isolated worker on another host: which tasks have begun there, its keeper knows, and the master does not. */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isMain, PoolExecutor } from 'mpi-futures';
import { check } from './check.mjs';
import { busy } from './tasks.mjs';

/** Where the task ran: another answer in each process. */
function short(milliseconds, file) {
  if (file !== undefined) writeFileSync(file, '');
  busy(milliseconds);
  return [(globalThis.incarnation ??= randomUUID()), hostname()];
}

if (isMain) {
  const pool = await new PoolExecutor({ maxWorkers: 1, isolate: true }).bootup();
  const folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'));
  let files = 0;

  /** Two tasks, the one with a file known to have begun. So many have run before that tasks are sent ahead. */
  const twoSent = async (submitBoth) => {
    const before = await Promise.all(Array.from({ length: 500 }, () => pool.submit(short, 0)));
    const file = path.join(folder, String(files++));
    const both = submitBoth(file);
    while (!existsSync(file)) await pause(1);
    return [before[0], ...both];
  };

  await check('a task is not killed for the one before it, whose result waits', async () => {
    const [before, first, second] = await twoSent((file) => [
      pool.submit(short, 0),
      pool.submit(short, 1000, file),
    ]);
    assert.equal(before[1], 'nodeb');
    assert.equal(first.cancel({ kill: true, killAfter: 0 }), true);
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
  rmSync(folder, { recursive: true });
}
