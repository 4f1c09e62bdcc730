/** Gives tasks access to the communicator of all workers. Loading this file loads no code of communicators. */

import type { Opened } from '../mpi/opened.js';
import { InvalidStateError } from '../errors.js';
import { PerThread } from '../per_thread.js';

/** The communicator of all workers, as a worker knows it. */
export interface WorkersAccess {
  /**
   * The communicator of MPI; `'world'`: that of all processes that were started with this one; `'alone'`: that of a
   * thread that is the only worker.
   */
  readonly communicator: Opened | 'world' | 'alone';
  /**
   * Called for each request.
   *
   * @throws {InvalidStateError} if the communicator is not available
   */
  asked(): void;
  /** Calls `react` when the communicator is no longer available. */
  whenLost(react: (reason: Error) => void): void;
}

const shared = new PerThread<WorkersAccess>('workersAccess');

/** The access that tasks have now; undefined if they have none. */
export function workersAccess(): WorkersAccess | undefined {
  return shared.value;
}

/** Sets the access that tasks get from now on; undefined: none. */
export function setWorkersAccess(access: WorkersAccess | undefined): void {
  shared.value = access;
}

/** The error of {@link getCommWorkers} where there is no communicator. */
export function notAccessible(why: string): InvalidStateError {
  return new InvalidStateError(`The communicator is not accessible: ${why}`);
}
