/** piscina: worker threads. With one task at a time per worker, its default, or with 64: better for short tasks. */

import { fromPeers, tasksFile } from '../../support/peers.mjs';

const { Piscina } = await fromPeers('piscina');

export const open = (workers) => openWith(workers, 1);

export function openWith(workers, concurrentTasksPerWorker) {
  const pool = new Piscina({
    filename: tasksFile,
    minThreads: workers,
    maxThreads: workers,
    concurrentTasksPerWorker,
  });
  return {
    run: (name, argument) => pool.run(argument, { name }),
    close: () => pool.destroy(),
  };
}
