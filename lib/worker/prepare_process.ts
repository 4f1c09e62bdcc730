/** Prepares a worker process, before any code of the user runs in it. */

import { markAsWorker, type WorkerWays } from '../process/program_or_worker.js';
import { openScopes } from './modules/scope_access.js';

/**
 * Marks the process as a worker, hooks the loading of modules, and makes its output synchronous.
 *
 * @param ways - default: those of a process that MPI connects with the others
 */
export async function prepareProcess(ways?: WorkerWays): Promise<void> {
  markAsWorker(ways);
  const open = openScopes();
  // hydra sends SIGUSR1 when a rank has died; without a listener Node.js would open its debugger.
  process.on('SIGUSR1', () => undefined);
  blockOn(process.stdout);
  blockOn(process.stderr);
  await open;
}

// A pipe that is full makes Node.js write in the background, and process.exit then loses what is left.
function blockOn(stream: NodeJS.WriteStream): void {
  const { _handle: handle } = stream as { _handle?: { setBlocking?: (on: boolean) => void } };
  handle?.setBlocking?.(true);
}
