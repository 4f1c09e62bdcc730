/** How a task gets at the communicator of all workers; loading this loads nothing of communicators. */

import type { Opened } from '../mpi/opened.js';
import { InvalidStateError } from '../errors.js';
import { PerThread } from '../per_thread.js';

/** The communicator of all workers, as a worker knows it. */
export interface WorkersAccess {
  /** Of MPI; `'world'`: that of all processes that were started with this one; `'alone'`: of a thread that is the only worker. */
  readonly communicator: Opened | 'world' | 'alone';
  /** Called whenever somebody asks for it. @throws {InvalidStateError} if it is not to be had */
  asked(): void;
  /** Calls `react` when it is not to be had any more. */
  whenLost(react: (reason: Error) => void): void;
}

const shared = new PerThread<WorkersAccess>('workersAccess');

/** Undefined where there is none. */
export function workersAccess(): WorkersAccess | undefined {
  return shared.value;
}

/** From now on tasks find this one; undefined: none. */
export function setWorkersAccess(access: WorkersAccess | undefined): void {
  shared.value = access;
}

/** The error of {@link getCommWorkers} where there is no communicator. */
export function notAccessible(why: string): InvalidStateError {
  return new InvalidStateError(`The communicator is not accessible: ${why}`);
}
