/** What the ranks that the launcher started do: rank 0 goes on, the others serve it until it ends. */

import { inspect } from 'node:util';

import { MPIUnavailableError, UsageError } from '../errors.js';
import { startMpi } from '../mpi/mpi_process.js';
import { launcher } from '../mpi/launcher.js';
import { shareWorkers } from '../pool/shared_pool.js';
import { StaticWorkers } from '../pool/static_workers.js';
import { runPoolsInThreads } from '../pool/thread_fallback.js';
import { closeInput } from '../worker/no_input.js';
import { prepareProcess } from '../worker/process.js';
import { serve } from '../worker/serve.js';

const bootTimeout = 60_000;

/** Milliseconds that the other ranks leave to rank 0 to say what is wrong. */
const othersWait = 1000;

/** Resolved on rank 0 at once; on the other ranks never: they end when rank 0 does. */
export async function startRanks(): Promise<void> {
  const { size, rank } = launcher;
  if (size === 0) return;
  if (size === 1 || rank > 0) runPoolsInThreads();
  if (size === 1) return;
  if (rank === 0) {
    startMaster();
    return;
  }
  closeInput();
  try {
    const [mpi] = await Promise.all([startMpi(), prepareProcess()]);
    const { addon, world } = mpi;
    const communicator = await addon.duplicate(world.id);
    const workers = await addon.split(communicator.id, 0, world.rank);
    serve(mpi, { communicator, workers: { addon, native: workers! } });
  } catch (error) {
    giveUp(error);
  }
  await new Promise(() => undefined);
}

// MPI starts beside the program's own imports. If it cannot, nobody may ever submit a task to hear of it.
function startMaster(): void {
  // hydra sends SIGUSR1 when a rank has died; without a listener Node.js would open its debugger.
  if (launcher.flavor === 'mpich') process.on('SIGUSR1', () => undefined);
  const pool = shareWorkers(new StaticWorkers(bootTimeout));
  void pool.start().then(() => {
    if (pool.broken !== undefined) giveUp(pool.broken);
  });
}

// As a rule all ranks fail alike: then rank 0 says why, and the launcher ends the others meanwhile. Those that are still
// there later have failed on their own.
function giveUp(error: unknown): void {
  const end = (): void => {
    const isAdvice = error instanceof MPIUnavailableError || error instanceof UsageError;
    process.stderr.write(`mpi-futures: ${isAdvice ? error.message : inspect(error)}\n`);
    process.exit(1);
  };
  if (launcher.rank === 0) end();
  else setTimeout(end, othersWait);
}
