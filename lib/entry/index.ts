/** The entry `mpi-futures`: see copies.ts. Its types are those of index.ts. */

import * as own from '../index.js';
import { exportsOf } from '../copies.js';

/** The public names, of this copy of the package or of the copy that was loaded first. */
export const {
  ALL_COMPLETED,
  asCompleted,
  BrokenExecutorError,
  CancelledError,
  collect,
  CommExecutor,
  compose,
  DataCloneError,
  defineTask,
  ExecutorShutdownError,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  Future,
  getCommWorkers,
  InvalidStateError,
  isMain,
  ModuleLoadError,
  move,
  MPICommExecutor,
  MPIError,
  MPIPoolExecutor,
  MPIUnavailableError,
  pack,
  PoolExecutor,
  ProcessPoolExecutor,
  reportProgress,
  SpawnError,
  TaskExitError,
  taskInfo,
  taskSignal,
  ThreadPoolExecutor,
  TimeoutError,
  unpack,
  UsageError,
  wait,
  WorkerLostError,
} = exportsOf('index', own);
