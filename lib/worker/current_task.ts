/** The current task, as its own code sees it. Loading this file loads no other code of workers. */

import { UsageError } from '../errors.js';
import { PerThread } from '../per_thread.js';

/**
 * The place and the circumstances of the current task, from {@link taskInfo}.
 *
 * @since 0.1.0
 */
export interface TaskInfo {
  /** The rank of its worker among the workers of the pool, from 0. */
  readonly worker: number;
  /** The host of its worker. */
  readonly host: string;
  /** 1 for the first time that the task runs, 2 after its worker was lost once (`retries`), and so on. */
  readonly attempt: number;
  /** The name of the executor that it was submitted to: `'PoolExecutor'`, `'ThreadPoolExecutor'`. */
  readonly executor: string;
}

/** The functions that a worker gives to the code of its tasks; each returns undefined, or false, between tasks. */
export interface CurrentTask {
  signal(): AbortSignal | undefined;
  info(): TaskInfo | undefined;
  report(value: unknown): boolean;
}

const shared = new PerThread<CurrentTask>('currentTask');

/**
 * The AbortSignal of the current task. It is aborted when the `signal` that the task was submitted with is, or when the
 * task has run for its `timeout`. To be called inside the task.
 *
 * A task receives the abort when it returns to the event loop, for example by `await` of a timer. A task that computes
 * without a pause does not receive it.
 *
 * @throws {UsageError} outside of tasks
 */
export function taskSignal(): AbortSignal {
  const signal = shared.value?.signal();
  if (signal !== undefined) return signal;
  throw outside('taskSignal');
}

/**
 * The place of the current task, and how often it was begun. To be called inside the task.
 *
 * @example
 *   export function simulate(seed) {
 *     const { worker, attempt } = taskInfo();
 *     if (attempt > 1) console.log(`worker ${worker} runs seed ${seed} again`);
 *   }
 *
 * @throws {UsageError} outside of tasks
 * @since 0.1.0
 */
export function taskInfo(): TaskInfo {
  const info = shared.value?.info();
  if (info !== undefined) return info;
  throw outside('taskInfo');
}

/**
 * Sends a value from the current task to the callbacks of its future ({@link Future.addProgressCallback}), while the task
 * goes on. To be called inside the task, as often as somebody wants to know: each call is a message, of some 20 µs. Values
 * travel as results do.
 *
 * @example
 *   export function train(epochs) {
 *     for (let epoch = 0; epoch < epochs; epoch++) reportProgress({ epoch, loss: step() });
 *   }
 *   // in the program
 *   const future = pool.submit(train, 100);
 *   future.addProgressCallback(({ epoch, loss }) => console.log(epoch, loss));
 *
 * @throws {UsageError} outside of tasks, and in code that a task has left behind
 * @throws {DataCloneError} for a value that cannot be sent
 * @since 0.1.0
 */
export function reportProgress(value: unknown): void {
  if (shared.value?.report(value) !== true) throw outside('reportProgress');
}

/** @param current - the functions of this thread's worker */
export function setCurrentTask(current: CurrentTask): void {
  shared.value = current;
}

function outside(name: string): UsageError {
  return new UsageError(`Expected ${name} to be called by a task while it runs on a worker`);
}
