import { FairShare } from './fair_share.js';
import { LinkedTaskQueue, type QueueKeeper, type Schedulable } from './task_queue.js';

/** All waiting tasks, in the queues of all executors, in the order in which they will be sent. */
export class Backlog<T extends Schedulable> implements QueueKeeper<T> {
  #length = 0;
  readonly #share: FairShare<LinkedTaskQueue<T>>;

  /** @param turnTime microseconds of work by which a queue may get ahead of the others in its turn */
  constructor(turnTime: number) {
    this.#share = new FairShare(turnTime);
  }

  /** The number of waiting tasks. */
  get length(): number {
    return this.#length;
  }

  /** The task that is next. */
  get first(): T | null {
    return this.#share.current?.first ?? null;
  }

  /** Makes a queue with the same share of the workers as any other. */
  createQueue(): LinkedTaskQueue<T> {
    return new LinkedTaskQueue(this);
  }

  /** Takes the next task; its queue pays `charge` microseconds for it. */
  take(charge: number): T {
    const queue = this.#share.current!;
    const task = queue.first!;
    task.charge = charge;
    // Charged before the task is removed: a queue without tasks leaves the fair share.
    this.#share.charge(charge);
    queue.unlink(task);
    return task;
  }

  /** Corrects the charge of a task that took `difference` microseconds more than estimated. */
  correct(task: T, difference: number): void {
    if (task.queue !== null) this.#share.correct(task.queue, difference);
  }

  added(queue: LinkedTaskQueue<T>): void {
    this.#length++;
    if (queue.length === 1) this.#share.join(queue);
  }

  removed(queue: LinkedTaskQueue<T>): void {
    this.#length--;
    if (queue.length === 0) this.#share.leave(queue);
  }
}
