/** workerpool, with worker threads. */

import { fileURLToPath } from 'node:url';
import { fromPeers } from '../../support/peers.mjs';

const { default: workerpool } = await fromPeers('workerpool');

export function open(workers) {
  const pool = workerpool.pool(fileURLToPath(new URL('workerpool_worker.mjs', import.meta.url)), {
    minWorkers: workers,
    maxWorkers: workers,
    workerType: 'thread',
  });
  return {
    run: (name, argument) => pool.exec(name, [argument]),
    close: () => pool.terminate(),
  };
}
