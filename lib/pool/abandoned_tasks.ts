/** Tasks in flight whose futures are done already, while a worker may still answer them. */

import { startTimer } from '../futures/wait_limits.js';
import type { PoolTask } from './pool_task.js';

/** The abandoned tasks of a pool, with what is planned for those that go on for too long. */
export class AbandonedTasks {
  readonly #tasks = new Map<PoolTask, NodeJS.Timeout | undefined>();

  get size(): number {
    return this.#tasks.size;
  }

  has(task: PoolTask): boolean {
    return this.#tasks.has(task);
  }

  add(task: PoolTask): void {
    this.#tasks.set(task, undefined);
  }

  /** Calls `act` if the task is still abandoned, and not answered, `milliseconds` later. */
  after(task: PoolTask, milliseconds: number, act: () => void): void {
    const timer = startTimer(milliseconds, () => {
      // Messages that came while this thread was busy are read first: the answer may be among them.
      setImmediate(() => {
        if (this.#tasks.get(task) === timer) act();
      });
    });
    this.#tasks.set(task, timer?.unref()); // nobody waits for the task
  }

  /** Forgets all of them, and what was planned. */
  clear(): void {
    for (const timer of this.#tasks.values()) clearTimeout(timer);
    this.#tasks.clear();
  }

  /** Notes that the task was answered, or its worker lost. Returns false for a task that was not abandoned. */
  delete(task: PoolTask): boolean {
    clearTimeout(this.#tasks.get(task));
    return this.#tasks.delete(task);
  }
}
