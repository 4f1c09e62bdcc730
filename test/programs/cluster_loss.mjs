/**
 * Loses workers of nodeb. Argument: `die` if they do that by themselves, `are cut off` if the test cuts the cable.
 * Prints what becomes of a task of each worker.
 */

import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { PoolExecutor, isMain } from 'mpi-futures';
import * as tasks from './tasks.mjs';

/** Ends where the cable is whole, and never on nodeb. */
async function work() {
  await pause(hostname() === 'nodeb' ? 60_000 : 500);
  return `done on ${hostname()}`;
}

async function die() {
  await pause(200);
  if (hostname() === 'nodeb') process.kill(process.pid, 'SIGKILL');
  return `done on ${hostname()}`;
}

if (isMain) {
  const pool = await new PoolExecutor({ heartbeat: 2000 }).bootup();
  const task = process.argv[2] === 'die' ? die : work;
  const futures = Array.from({ length: pool.numWorkers }, () => pool.submit(task));
  console.log('at work');
  for (const { reason, value } of await Promise.allSettled(futures))
    console.log(reason ? `${reason.name}: ${reason.message}` : value);
  console.log(`afterwards: ${await pool.submit(tasks.add, 40, 2)}`);
}
