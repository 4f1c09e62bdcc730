/// <reference types="node" preserve="true" />

/**
 * `mpi-futures`: runs functions on pools of MPI processes, with their results as futures. README.md is a tour,
 * docs/README.md the index.
 */

export { PoolExecutor, PoolExecutor as MPIPoolExecutor } from './executors/pool_executor.js';
export { ProcessPoolExecutor } from './executors/process_pool_executor.js';
export { ThreadPoolExecutor } from './executors/thread_pool_executor.js';
export {
  CommExecutor,
  CommExecutor as MPICommExecutor,
  type CommExecutorBody,
} from './comm_executor/comm_executor.js';
export type { CommExecutorOptions } from './comm_executor/options.js';
export { getCommWorkers } from './worker/get_comm_workers.js';
export type { BootupOptions, Executor, ShutdownOptions } from './executors/executor.js';
export type { Submitter } from './executors/submitter.js';
export type { TaskOptions } from './executors/task_options.js';
export { reportProgress, taskInfo, taskSignal, type TaskInfo } from './worker/current_task.js';
export type { Pairs, PoolOptions } from './executors/options.js';
export type { ThreadPoolOptions } from './executors/thread_options.js';
export type { SpawnEvent, TaskEndEvent, WorkerEvent } from './pool/channels.js';
export type { ExecutorStatistics, WorkerStatistics } from './pool/statistics.js';
export type { TimeHistogram } from './pool/histogram.js';
export type { MapOptions } from './executors/map_options.js';
export type { MapResults } from './executors/map_results.js';
export type { Source, Sources } from './executors/source_readers.js';
export type { MapProgress } from './progress/map_progress.js';
export type { ProgressOption } from './progress/progress_option.js';
export type { Trace, TraceDocument } from './tracing/trace.js';
export type { TraceEvent } from './tracing/chrome_trace.js';
export { defineTask } from './executors/define_task.js';
export { move } from './values/buffers/move.js';
export { pack, unpack } from './values/pack.js';
export type { PackedValue, ValueCodec } from './values/value_codec.js';
export { Future } from './futures/future.js';
export type { FutureState } from './futures/future.js';
export type { ProgressCallback } from './futures/progress_callbacks.js';
export type { KillOptions } from './futures/kill.js';
export type { WaitOptions } from './futures/wait_limits.js';
export { ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION, wait } from './futures/wait.js';
export type { DoneAndNotDone, ReturnWhen, WaitForOptions } from './futures/wait.js';
export { asCompleted } from './futures/as_completed.js';
export type { AsCompleted, AsCompletedOptions, DoneFuture } from './futures/as_completed.js';
export { collect } from './futures/collect.js';
export type { ResultOf, ResultsOf } from './futures/collect.js';
export { compose } from './futures/compose.js';
export {
  BrokenExecutorError,
  CancelledError,
  DataCloneError,
  ExecutorShutdownError,
  InvalidStateError,
  MPIError,
  MPIUnavailableError,
  ModuleLoadError,
  SpawnError,
  TaskExitError,
  TimeoutError,
  UsageError,
  WorkerLostError,
} from './errors.js';

import { isWorker } from './process/program_or_worker.js';

/**
 * True in the program, false if a worker has imported it to find a function: code inside `if (isMain) { … }` runs only
 * in the program.
 */
export const isMain = !isWorker();
