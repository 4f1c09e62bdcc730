/** Runs a pool in a thread, terminates the thread, and goes on without it. */

import { once } from 'node:events';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { PoolExecutor, isMain } from 'mpi-futures';
import { identity } from './tasks.mjs';

if (isMain && isMainThread) {
  const thread = new Worker(new URL(import.meta.url));
  const [answer] = await once(thread, 'message');
  await thread.terminate();
  console.log(answer, 'went on');
} else if (isMain) {
  const pool = new PoolExecutor({ maxWorkers: 1 });
  parentPort.postMessage(await pool.submit(identity, 'and'));
}
