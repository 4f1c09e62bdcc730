/** The AbortSignal of the current task, as the task sees it. Loading this file loads no other code of workers. */

import { UsageError } from '../errors.js';
import { PerThread } from '../per_thread.js';

const shared = new PerThread<() => AbortSignal | undefined>('taskSignal');

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
  const signal = shared.value?.();
  if (signal !== undefined) return signal;
  throw new UsageError('Expected taskSignal to be called by a task while it runs on a worker');
}

/** @param current - returns the signal of the current task, undefined between tasks */
export function setTaskSignal(current: () => AbortSignal | undefined): void {
  shared.value = current;
}
