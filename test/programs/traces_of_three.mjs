/** A process, its child and its thread, each with a pool, which have the same MPI_FUTURES_TRACE. Prints their numbers. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker } from 'node:worker_threads';
import { isMain, ThreadPoolExecutor } from 'mpi-futures';
import * as tasks from './tasks.mjs';

if (isMain) {
  const isFirst = isMainThread && process.argv[2] === undefined;
  const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  await Promise.all([pool.submit(tasks.identity, 1), pool.submit(tasks.identity, 2)]);
  if (isFirst) {
    const child = fork(fileURLToPath(import.meta.url), ['child']);
    await once(child, 'exit');
    const worker = new Worker(new URL(import.meta.url));
    const thread = worker.threadId; // it has none once it has ended
    await once(worker, 'exit');
    console.log(JSON.stringify({ main: process.pid, child: child.pid, thread }));
  }
  await pool.shutdown();
}
