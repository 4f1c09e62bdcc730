/** MPI itself: its start, its end, and information about it. */

import { argumentTypeError } from '../argument_errors.js';
import { InvalidStateError } from '../errors.js';
import {
  addonOfMpi,
  finalizeMpi,
  isFinalized,
  isInitialized,
  isStarted,
} from '../addon/mpi_process.js';
import { validateOptions } from '../validators.js';
import { allOperations } from './handle.js';
import { startWithCommunicators } from './starting.js';

/** How threads may use MPI: each level allows everything that the lower ones do. */
export const ThreadLevel = Object.freeze({
  SINGLE: 0,
  FUNNELED: 1,
  SERIALIZED: 2,
  MULTIPLE: 3,
} as const);
/** One of the four levels, as MPI's number. */
export type ThreadLevel = (typeof ThreadLevel)[keyof typeof ThreadLevel];

/** Options of {@link initialize}. */
export interface InitializeOptions {
  /** The level to ask for; default: `MPI_FUTURES_THREAD_LEVEL`, else `ThreadLevel.MULTIPLE`. */
  readonly threadLevel?: ThreadLevel | undefined;
}

/**
 * Starts MPI; without this call, the first use of a communicator or a pool does. Collective: MPI waits for all
 * processes that were started together. All operations work at each thread level.
 *
 * @returns the thread level that MPI provides, at most the one that was asked for
 * @throws {InvalidStateError} (as a rejection) if a level is asked for after MPI was started
 * @throws {MPIUnavailableError | MPIError} (as a rejection) where there is no MPI to use
 */
export async function initialize(options: InitializeOptions = {}): Promise<ThreadLevel> {
  validateOptions(options, { of: 'initialize', names: ['threadLevel'] });
  const { threadLevel } = options;
  if (threadLevel !== undefined) {
    const levels: readonly unknown[] = Object.values(ThreadLevel);
    if (!levels.includes(threadLevel)) {
      throw argumentTypeError('one of ThreadLevel', 'threadLevel', threadLevel);
    }
    if (isStarted()) {
      throw new InvalidStateError(
        'MPI has been started already: call initialize() before anything else uses MPI',
      );
    }
  }
  const mpi = await startWithCommunicators(threadLevel);
  return mpi.threadLevel as ThreadLevel;
}

/** True once MPI has been started; also after `finalize()`. */
export function initialized(): boolean {
  return isInitialized();
}

/** True once `finalize()` has ended MPI. */
export function finalized(): boolean {
  return isFinalized();
}

/**
 * Ends MPI now; without this call, MPI ends with the program. Collective: waits for all processes, and for all
 * operations begun in this one. Afterwards operations fail with an InvalidStateError, and there are no pools of MPI
 * workers.
 */
export async function finalize(): Promise<void> {
  if (!isStarted()) await startWithCommunicators();
  await finalizeMpi(() => allOperations.over());
}

/** The thread level that MPI provides. */
export async function queryThread(): Promise<ThreadLevel> {
  return (await startWithCommunicators()).threadLevel as ThreadLevel;
}

/** The name that MPI gives the machine of this process. */
export async function processorName(): Promise<string> {
  return (await startWithCommunicators()).processorName;
}

/** The number of processes that can run at once, including those that can be spawned; null if MPI does not know. */
export async function universeSize(): Promise<number | null> {
  return (await startWithCommunicators()).universeSize || null;
}

/** The name and version that the MPI library reports: `Open MPI v4.1.4, …`. Does not start MPI. */
export function libraryVersion(): string {
  return addonOfMpi().libraryVersion();
}

/** The version of the MPI standard that the library follows: `[3, 1]`. Does not start MPI. */
export function standardVersion(): readonly [version: number, subversion: number] {
  return addonOfMpi().standardVersion();
}

/** Seconds since some moment in the past, with fractions. Does not start MPI. */
export function wtime(): number {
  return performance.now() / 1000;
}
