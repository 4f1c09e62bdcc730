/** tinypool: worker threads, the pool of vitest. */

import { fromPeers, tasksFile } from '../../support/peers.mjs';

const { default: Tinypool } = await fromPeers('tinypool');

export function open(workers) {
  const pool = new Tinypool({
    filename: tasksFile,
    minThreads: workers,
    maxThreads: workers,
    isolateWorkers: false,
  });
  return {
    run: (name, argument) => pool.run(argument, { name }),
    close: () => pool.destroy(),
  };
}
