/** This project's pool of worker threads, without MPI. */

import { ThreadPoolExecutor } from 'mpi-futures';
import * as tasks from '../tasks.mjs';

export async function open(workers) {
  const pool = await new ThreadPoolExecutor({ maxWorkers: workers }).bootup();
  return {
    run: (name, argument) => pool.submit(tasks[name], argument),
    map: (name, values, chunkSize) => pool.map(tasks[name], values, { chunkSize }),
    close: () => pool.shutdown(),
  };
}
