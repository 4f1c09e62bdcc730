/** Starts the ranks of a launcher: rank 0 runs the program, the others serve it until it ends. */

import { constants } from 'node:os';

import { serveOtherCopies } from '../copies.js';
import { describeThrown } from '../describe_thrown.js';
import { MPIUnavailableError, SpawnError, UsageError } from '../errors.js';
import { defaultBootTimeout } from '../executors/boot_timeout.js';
import { endingIfLoaded } from '../addon/ending.js';
import { abortThroughHydra } from '../addon/hydra_abort.js';
import { startMpi } from '../addon/mpi_process.js';
import { launcher } from '../addon/launcher.js';
import { shareWorkers } from '../pool/shared_pool.js';
import { slowdown } from '../process/slowdown.js';
import { StaticWorkers } from '../workers/static_workers.js';
import { runPoolsInThreads } from '../workers/threads/thread_fallback.js';
import { closeInput } from '../worker/close_input.js';
import { prepareProcess } from '../worker/prepare_process.js';
import { serve } from '../worker/serve.js';
import { endWithCommand, forgetHandover } from './launch_handover.js';
import { watchStart } from './start_watch.js';

/** Milliseconds that the other ranks leave rank 0 to report an error. */
const othersWait = (): number => 1000 * slowdown();

/** Errors that are printed by their message alone. */
const advice = [MPIUnavailableError, SpawnError, UsageError];

let isStarted = false;
/** On rank 0: resolves when all workers are connected. */
let starting: Promise<void> | undefined;

/** Resolves on rank 0 at once; never on the other ranks, which end when rank 0 does. Later calls do nothing. */
export async function startRanks(): Promise<void> {
  const { size, rank } = launcher;
  if (size === 0 || isStarted) return;
  isStarted = true;
  serveOtherCopies();
  forgetHandover();
  if (size === 1 || rank > 0) runPoolsInThreads();
  if (launcher.implementation === 'mpich') endOnCtrlC();
  if (size === 1) {
    endWithCommand();
    return;
  }
  if (rank === 0) {
    starting = startMaster();
    return;
  }
  closeInput();
  const allAreThere = watchStart(bootTimeout(), giveUp);
  try {
    const [mpi] = await Promise.all([startMpi(), prepareProcess()]);
    const { addon, world } = mpi;
    const communicator = await addon.duplicate(world.id);
    const workers = await addon.split(communicator.id, 0, world.rank);
    allAreThere();
    serve(mpi, { communicator, workers: { addon, native: workers! } });
  } catch (error) {
    giveUp(error);
  }
  await new Promise(() => undefined);
}

/** Ends rank 0, and with it all others, if there is nothing to run. */
export async function endRanks(status: number): Promise<void> {
  await starting;
  process.exitCode = status;
}

/**
 * Ends rank 0 on Ctrl-C, which MPICH's mpiexec passes on to every rank, unless the program has a listener of its own.
 * The others end with rank 0: if they ended by themselves, mpiexec would take it for a crash. Open MPI's mpiexec sends
 * a SIGTERM instead.
 */
function endOnCtrlC(): void {
  process.on('SIGINT', () => {
    if (launcher.rank > 0 || process.listenerCount('SIGINT') > 1) return;
    // For ranks that it has sent a signal, mpiexec reports only the status of an abort reliably.
    endingIfLoaded()?.cannotFinalize();
    process.exit(128 + constants.signals.SIGINT);
  });
}

// MPI starts while the program's own modules load. If it cannot start, there may never be a task whose failure reports
// that.
async function startMaster(): Promise<void> {
  // hydra sends SIGUSR1 when a rank has died; without a listener Node.js would open its debugger.
  if (launcher.implementation === 'mpich') process.on('SIGUSR1', () => undefined);
  const limit = bootTimeout();
  const allAreThere = watchStart(limit, giveUp);
  const pool = shareWorkers(new StaticWorkers(limit));
  await pool.start();
  allAreThere();
  if (pool.broken !== undefined) giveUp(pool.broken);
  else endWithCommand();
}

function bootTimeout(): number {
  try {
    return defaultBootTimeout();
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

// Usually all ranks fail in the same way: then rank 0 reports why, and the launcher ends the others. Ranks that still
// exist later have failed on their own.
function giveUp(error: unknown): void {
  const end = (): void => {
    const isAdvice = advice.some((type) => error instanceof type);
    if (!isAdvice) process.stderr.write(`mpi-futures: ${describeThrown(error)}\n`);
    // All ranks notice that some are missing.
    else if (!(error instanceof SpawnError) || isFirstOfHost())
      process.stderr.write(`mpi-futures: ${(error as Error).message}\n`);
    if (endingIfLoaded() === undefined) abortThroughHydra(1);
    process.exit(1);
  };
  if (launcher.rank === 0 || isNoticedHereAlone(error)) end();
  else setTimeout(end, isFirstOfHost() ? othersWait() : 2 * othersWait());
}

/** True for what one rank of each host looks for, and no other can report. */
function isNoticedHereAlone(error: unknown): boolean {
  return error instanceof MPIUnavailableError && error.code === 'ERR_MPI_RANK_ENDED';
}

/**
 * True for one process of each host. If something is missing, it is missing for all ranks: that process reports it, and
 * ends the others.
 */
function isFirstOfHost(): boolean {
  const { OMPI_COMM_WORLD_LOCAL_RANK, MPI_LOCALRANKID } = process.env;
  const { SLURM_LOCALID, FLUX_TASK_LOCAL_ID, PALS_LOCAL_RANKID } = process.env;
  const ofMpiexec = OMPI_COMM_WORLD_LOCAL_RANK ?? MPI_LOCALRANKID;
  const rank = ofMpiexec ?? FLUX_TASK_LOCAL_ID ?? PALS_LOCAL_RANKID ?? SLURM_LOCALID;
  return Number(rank ?? 0) === 0;
}
