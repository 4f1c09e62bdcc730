/** This project's pool; its workers are started by whoever started this process. */

import { PoolExecutor } from 'mpi-futures';
import * as tasks from '../tasks.mjs';

export const open = (workers) => openWith(PoolExecutor, workers);

/** An executor of this project, of any class. */
export async function openWith(Executor, workers, options = {}) {
  const pool = await new Executor({ ...options, maxWorkers: workers }).bootup();
  return {
    run: (name, argument) => pool.submit(tasks[name], argument),
    map: (name, values, chunkSize) => pool.map(tasks[name], values, { chunkSize }),
    close: () => pool.shutdown(),
  };
}
