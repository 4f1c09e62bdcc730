/** The AbortSignals of tasks, on their worker. */

import { decodeReason } from '../tasks/task_abort.js';
import type { TaskAbort } from '../tasks/messages.js';
import { callTheirs } from './unchanged_language.js';

/** Makes the signal of the current task; tasks run one after another. */
export class TaskSignals {
  /** The id of the current task, or 0. */
  #task = 0;
  #controller: AbortController | undefined;
  /** The aborts that came before their task began, or after it had ended, by id. */
  readonly #early = new Map<number, TaskAbort>();

  /** The signal of the current task; undefined between tasks. */
  get current(): AbortSignal | undefined {
    return this.#task === 0 ? undefined : this.#controllerNow().signal;
  }

  /** Notes that the function of a task is about to be called. */
  begin(task: number): void {
    this.#task = task;
  }

  /** Notes that the current task has ended. */
  end(): void {
    this.#task = 0;
    if (this.#controller !== undefined) this.#controller = undefined;
  }

  abort(abort: TaskAbort): void {
    if (abort.task === this.#task) {
      const controller = this.#controllerNow();
      const reason = decodeReason(abort);
      callTheirs(() => {
        controller.abort(reason); // its listeners are the task's
      }, []);
    } else this.#early.set(abort.task, abort);
  }

  /** Forgets the abort of a task whose result the master has received. */
  abortIsOver(task: number): void {
    this.#early.delete(task);
  }

  /** True for a task that was aborted before its start. */
  isAborted(task: number): boolean {
    return this.#early.size > 0 && this.#early.has(task);
  }

  #controllerNow(): AbortController {
    return (this.#controller ??= new AbortController());
  }
}
