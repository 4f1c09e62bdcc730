/** Runs tasks until a debugger has set `isInspected` on one worker, and prints which one that was. */

import { url } from 'node:inspector';
import { setTimeout as pause } from 'node:timers/promises';
import { isMain, PoolExecutor, taskInfo } from 'mpi-futures';

export function begin() {
  globalThis.wasAttachedAtSetUp = globalThis.isAttached === true;
}

export async function look() {
  await pause(5);
  const { isInspected = false, wasAttachedAtSetUp } = globalThis;
  return { worker: taskInfo().worker, pid: process.pid, url: url(), isInspected, wasAttachedAtSetUp }; // prettier-ignore
}

if (isMain) {
  const pool = await new PoolExecutor({ initializer: begin }).bootup();
  console.log('all workers are set up');
  for (let found; found === undefined;) {
    const looks = Array.from({ length: 2 * pool.numWorkers }, () => pool.submit(look));
    found = (await Promise.all(looks)).find(({ isInspected }) => isInspected);
    if (found !== undefined) console.log(`found ${JSON.stringify(found)}`);
  }
  await pool.shutdown();
}
