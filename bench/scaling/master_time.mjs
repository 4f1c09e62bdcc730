import { readFileSync } from 'node:fs';
import { PoolExecutor } from 'mpi-futures';
import { nothing } from '../programs/tasks.mjs';

const TASKS = 5000;

/** µs of CPU that the JavaScript thread of a real master takes for a task that travels alone, there and back. */
export async function masterTime() {
  const pool = await new PoolExecutor(1).bootup();
  for (let i = 0; i < TASKS; i++) await pool.submit(nothing);
  const before = cpuOfThisThread();
  for (let i = 0; i < TASKS; i++) await pool.submit(nothing);
  const time = (cpuOfThisThread() - before) / TASKS;
  await pool.shutdown();
  return time;
}

/** In µs. Linux only. */
function cpuOfThisThread() {
  const [nanoseconds] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ');
  return Number(nanoseconds) / 1000;
}
