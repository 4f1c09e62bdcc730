/** The AbortSignal of the task that runs, as the task gets at it; loading this loads nothing of workers. */

import { UsageError } from '../errors.js';
import { PerThread } from '../per_thread.js';

const shared = new PerThread<() => AbortSignal | undefined>('taskSignal');

/**
 * The AbortSignal of the task that runs: aborted when the `signal` that it was submitted with is, or when it has run for
 * its `timeout`. To be asked for inside the task.
 *
 * The abort reaches a task when it gives way to the event loop, by `await` of a timer for example. One that computes
 * without a pause hears nothing of it.
 *
 * @throws {UsageError} where no task runs
 */
export function taskSignal(): AbortSignal {
  const signal = shared.value?.();
  if (signal !== undefined) return signal;
  throw new UsageError('Expected taskSignal to be called by a task while it runs on a worker');
}

/** @param current - gives the signal of the task that runs, undefined between tasks */
export function setTaskSignal(current: () => AbortSignal | undefined): void {
  shared.value = current;
}
