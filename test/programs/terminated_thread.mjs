/** Runs a pool in a thread, terminates the thread in the way that is asked for, and goes on without it. */

import { once } from 'node:events';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { isMain } from 'mpi-futures';
import { PoolExecutor } from './executor.mjs';
import { busy, identity } from './tasks.mjs';

const ways = {
  // Terminated at the moment when its event loop would end by itself.
  'when it is done': async () => {
    const pool = new PoolExecutor({ maxWorkers: 1 });
    parentPort.postMessage(await pool.submit(identity, 'and'));
  },

  // When it ends, the descriptors that it has closed may belong to others.
  'when it has shut down': async () => {
    const pool = new PoolExecutor({ maxWorkers: 1 });
    const answer = await pool.submit(identity, 'and');
    await pool.shutdown();
    // Until then its files are closed, as a rule.
    setTimeout(() => parentPort.postMessage(answer), 500);
    setTimeout(() => undefined, 1e6);
  },

  'while its workers compute': async () => {
    const pool = await new PoolExecutor().bootup();
    for (let i = 0; i < 10; i++) pool.submit(busy, 10_000);
    parentPort.postMessage('and');
  },

  // Calls from native code into JavaScript fail then.
  'while answers come': async () => {
    const pool = await new PoolExecutor().bootup();
    const values = new Array(10_000).fill(new Uint8Array(10_000));
    const answers = pool.map(identity, values);
    await answers.next();
    parentPort.postMessage('and');
    for await (const answer of answers) answer.fill(1);
  },

  'while its workers start': async () => {
    new PoolExecutor().submit(identity, 1);
    setTimeout(() => parentPort.postMessage('and'), 300);
  },
};

if (isMain && isMainThread) {
  const [way, status] = process.argv.slice(2);
  const thread = new Worker(new URL(import.meta.url), { workerData: way });
  const [answer] = await once(thread, 'message');
  if (status !== undefined) process.exit(Number(status));
  const files = Array.from({ length: 32 }, () => openSync(import.meta.filename));
  await thread.terminate();
  for (const file of files) fstatSync(file); // throws if it was closed
  files.forEach(closeSync);
  console.log(answer, 'went on');
} else if (isMain) {
  await ways[workerData]();
}
