/** The AbortSignals of tasks, on their worker. */

import { UsageError } from '../errors.js';
import { decodeReason } from '../tasks/task_abort.js';
import type { TaskAbort } from '../tasks/messages.js';
import { callTheirs } from './language.js';

// For all copies of this package in the process: a program may bring its own.
const key = Symbol.for('mpi-futures.taskSignal');
const shared = globalThis as unknown as Record<symbol, (() => AbortSignal | undefined) | undefined>;

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
  const signal = shared[key]?.();
  if (signal !== undefined) return signal;
  throw new UsageError('Expected taskSignal to be called by a task while it runs on a worker');
}

/** Knows the task that runs; tasks run one after another. */
export class TaskSignals {
  /** Id of the task that runs, or 0. */
  #task = 0;
  #controller: AbortController | undefined;
  /** Why tasks are not to start, or had ended before they could hear of it, by id. */
  readonly #early = new Map<number, TaskAbort>();

  constructor() {
    shared[key] = () => (this.#task === 0 ? undefined : this.#current().signal);
  }

  /** The function of a task is about to be called. */
  begin(task: number): void {
    this.#task = task;
  }

  /** It has ended. */
  end(): void {
    this.#task = 0;
    if (this.#controller !== undefined) this.#controller = undefined;
  }

  abort(abort: TaskAbort): void {
    if (abort.task === this.#task) {
      const controller = this.#current();
      const reason = decodeReason(abort);
      callTheirs(() => {
        controller.abort(reason); // its listeners are the task's
      }, []);
    } else this.#early.set(abort.task, abort);
  }

  /** The master has the result of a task that it had aborted. */
  abortIsOver(task: number): void {
    this.#early.delete(task);
  }

  /** Whether a task was aborted before its start. */
  isAborted(task: number): boolean {
    return this.#early.has(task);
  }

  #current(): AbortController {
    return (this.#controller ??= new AbortController());
  }
}
