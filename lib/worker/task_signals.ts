/** The AbortSignals of tasks, on their worker. */

import { decodeReason } from '../tasks/task_abort.js';
import type { TaskAbort } from '../tasks/messages.js';
import { callTheirs } from './unchanged_language.js';
import { setTaskSignal } from './task_signal.js';

/** Knows the task that runs; tasks run one after another. */
export class TaskSignals {
  /** Id of the task that runs, or 0. */
  #task = 0;
  #controller: AbortController | undefined;
  /** Why tasks are not to start, or had ended before they could hear of it, by id. */
  readonly #early = new Map<number, TaskAbort>();

  constructor() {
    setTaskSignal(() => (this.#task === 0 ? undefined : this.#current().signal));
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

  /** True for a task that was aborted before its start. */
  isAborted(task: number): boolean {
    return this.#early.has(task);
  }

  #current(): AbortController {
    return (this.#controller ??= new AbortController());
  }
}
