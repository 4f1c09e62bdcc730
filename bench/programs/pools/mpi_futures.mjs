/** This project's pool; its workers are started by whoever started this process. */

import { PoolExecutor } from 'mpi-futures';
import * as tasks from '../tasks.mjs';

export async function open(workers) {
  const pool = await new PoolExecutor({ maxWorkers: workers }).bootup();
  return {
    run: (name, argument) => pool.submit(tasks[name], argument),
    map: (name, values, chunkSize) => pool.map(tasks[name], values, { chunkSize }),
    close: () => pool.shutdown(),
  };
}
