/** Says which signals the process catches when one of its threads has started MPI. */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Worker, isMainThread } from 'node:worker_threads';
import { COMM_SELF } from 'mpi-futures/mpi';

if (isMainThread) {
  const thread = new Worker(new URL(import.meta.url));
  await once(thread, 'exit');
} else {
  await COMM_SELF.barrier();
  console.log(/^SigCgt:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
}
