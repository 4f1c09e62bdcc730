/**
 * The errors of this package. Each has a `code` that never changes, so that programs can tell them
 * apart without comparing messages or classes.
 */

import { hideProperty } from './hidden_property.js';
import { setStackFrames } from './stack_frames.js';

/**
 * A future was cancelled before its task started; `cause` is the reason given to `cancel`, if any.
 */
export class CancelledError extends Error {
  static {
    setName(this, 'CancelledError');
  }
  readonly code = 'ERR_CANCELLED';

  constructor(message = 'The future was cancelled', options?: ErrorOptions) {
    super(message, options);
  }
}

/**
 * A task, or a wait for futures, took longer than its `timeout`, in milliseconds. The task, or the work waited for,
 * goes on.
 */
export class TimeoutError extends Error {
  static {
    setName(this, 'TimeoutError');
  }
  readonly code = 'ERR_TIMEOUT';
}

/**
 * An operation is no longer, or not yet, possible, such as the use of a communicator after `free()`; the message gives
 * the reason.
 */
export class InvalidStateError extends Error {
  static {
    setName(this, 'InvalidStateError');
  }
  readonly code = 'ERR_INVALID_STATE';
}

/** The executor can run no more tasks; `cause` is the reason. */
export class BrokenExecutorError extends Error {
  static {
    setName(this, 'BrokenExecutorError');
  }
  readonly code: 'ERR_BROKEN_EXECUTOR' | 'ERR_SPAWN' = 'ERR_BROKEN_EXECUTOR';
}

/** The executor was shut down and takes no more tasks. */
export class ExecutorShutdownError extends Error {
  static {
    setName(this, 'ExecutorShutdownError');
  }
  readonly code = 'ERR_EXECUTOR_SHUTDOWN';

  constructor(message = 'cannot submit after shutdown', options?: ErrorOptions) {
    super(message, options);
  }
}

/** Workers could not be started; the message says what to do. */
export class SpawnError extends BrokenExecutorError {
  static {
    setName(this, 'SpawnError');
  }
  override readonly code = 'ERR_SPAWN';

  constructor(message: string, options?: ErrorOptions) {
    const frames = hideFrames();
    super(message, options);
    showFrames(frames);
  }
}

/**
 * A lost worker: its rank among the workers and, where known, its host, process id and how it ended, with the last
 * lines that it wrote to stderr (if this process prints them for it).
 */
export interface LostWorker {
  rank: number;
  host?: string | undefined;
  pid?: number | undefined;
  reason?: string | undefined;
  stderr?: string | undefined;
  /** The status of the process, if it has ended by itself; known of isolated workers. */
  exitCode?: number | undefined;
  /** The signal that has ended the process; known of isolated workers. */
  signal?: string | undefined;
}

/**
 * The worker of the task died or became silent. If it is known to have run out of memory, the `code` of its `cause` is
 * `ERR_WORKER_OUT_OF_MEMORY`.
 */
export class WorkerLostError extends Error {
  static {
    setName(this, 'WorkerLostError');
  }
  readonly code = 'ERR_WORKER_LOST';
  declare readonly rank: number;
  declare readonly host?: string;
  declare readonly pid?: number;
  declare readonly reason?: string;
  declare readonly stderr?: string;
  declare readonly exitCode?: number;
  declare readonly signal?: string;

  constructor(
    message: string,
    { rank, host, pid, reason, stderr, exitCode, signal, cause }: LostWorker & ErrorOptions,
  ) {
    super(message);
    assignDefined(this, { rank, host, pid, reason, stderr, exitCode, signal });
    setCause(this, cause);
  }
}

/** A task called `process.exit(exitCode)`; its worker lives on. */
export class TaskExitError extends Error {
  static {
    setName(this, 'TaskExitError');
  }
  readonly code = 'ERR_TASK_EXIT';
  readonly exitCode: number;

  constructor(message: string, { exitCode, cause }: { exitCode: number } & ErrorOptions) {
    super(message);
    this.exitCode = exitCode;
    setCause(this, cause);
  }
}

/** A value cannot be sent; the message says which, and where in the arguments or in the result it is. */
export class DataCloneError extends Error {
  static {
    setName(this, 'DataCloneError');
  }
  readonly code = 'ERR_DATA_CLONE';
}

/**
 * A process, usually a worker, could not load the module of a function. `cause` is the error thrown there, and the
 * message says what to do.
 */
export class ModuleLoadError extends Error {
  static {
    setName(this, 'ModuleLoadError');
  }
  readonly code = 'ERR_MODULE_LOAD';
}

/** MPI's description of a failed call. */
export interface MPIFailure {
  /** The function that failed: `MPI_Comm_spawn`. */
  call: string;
  errorCode: number;
  errorClass: number;
  /** The text of `MPI_Error_string`. */
  errorString: string;
}

/** An MPI call failed. */
export class MPIError extends Error {
  static {
    setName(this, 'MPIError');
  }
  readonly code = 'ERR_MPI';
  readonly call: string;
  readonly errorCode: number;
  readonly errorClass: number;
  readonly errorString: string;

  constructor(message: string, failure: MPIFailure & ErrorOptions) {
    super(message);
    this.call = failure.call;
    this.errorCode = failure.errorCode;
    this.errorClass = failure.errorClass;
    this.errorString = failure.errorString;
    setCause(this, failure.cause);
  }
}

/**
 * The reason why MPI cannot be used: no addon was built, the addon is damaged or for another system, its MPI is not
 * installed, the launcher belongs to another MPI, or another process of the job has ended too early.
 */
export type MPIUnavailableCode =
  | 'ERR_ADDON_NOT_BUILT'
  | 'ERR_ADDON_UNUSABLE'
  | 'ERR_MPI_NOT_FOUND'
  | 'ERR_MPI_LAUNCHER_MISMATCH'
  | 'ERR_MPI_RANK_ENDED'
  | 'ERR_MPI_STARTED_ELSEWHERE'
  | 'ERR_MPI_TWO_VERSIONS';

/** MPI cannot be used in this process; the message says what to do. */
export class MPIUnavailableError extends Error {
  static {
    setName(this, 'MPIUnavailableError');
  }
  readonly code: MPIUnavailableCode;

  constructor(message: string, code: MPIUnavailableCode, options?: ErrorOptions) {
    const frames = hideFrames();
    super(message, options);
    showFrames(frames);
    this.code = code;
  }
}

/** The command line, or the way the package is used, is wrong; the message says what to do. */
export class UsageError extends Error {
  static {
    setName(this, 'UsageError');
  }
  readonly code = 'ERR_USAGE';

  constructor(message: string, options?: ErrorOptions) {
    const frames = hideFrames();
    super(message, options);
    showFrames(frames);
  }
}

// The stack of an error about the machine or the command line shows only calls of this package, which would bury the
// message.
function hideFrames(): number {
  return setStackFrames(0);
}

function showFrames(frames: number): void {
  setStackFrames(frames);
}

// On the prototype and not enumerable, as for the errors of the language: an own `name` would be
// printed with every error.
function setName(errorClass: { prototype: Error }, name: string): void {
  hideProperty(errorClass.prototype, 'name', name);
}

// Properties without a value are left out: `host: undefined` would be printed with the error.
function assignDefined(error: Error, properties: Readonly<Record<string, unknown>>): void {
  const defined = Object.entries(properties).filter(([, value]) => value !== undefined);
  Object.assign(error, Object.fromEntries(defined));
}

// As `new Error(message, { cause })` does it: not enumerable.
function setCause(error: Error, cause: unknown): void {
  if (cause !== undefined) hideProperty(error, 'cause', cause);
}
