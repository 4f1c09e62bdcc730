import { FairShare } from './fair_share.js';
import { LinkedTaskQueue, type QueueKeeper, type Schedulable } from './task_queue.js';

/** All tasks that wait, in the queues of all executors, in the order of their dispatch. */
export class Backlog<T extends Schedulable> implements QueueKeeper<T> {
  #length = 0;
  readonly #share: FairShare<LinkedTaskQueue<T>>;

  /** @param turnTime microseconds of work that a queue may get ahead of the others in its turn */
  constructor(turnTime: number) {
    this.#share = new FairShare(turnTime);
  }

  /** How many tasks wait. */
  get length(): number {
    return this.#length;
  }

  /** The task that is next. */
  get first(): T | null {
    return this.#share.current?.first ?? null;
  }

  /** A new queue, with the same right to the workers as any other. */
  createQueue(): LinkedTaskQueue<T> {
    return new LinkedTaskQueue(this);
  }

  /** Takes the next task; its queue pays `charge` microseconds for it. */
  take(charge: number): T {
    const queue = this.#share.current!;
    const task = queue.first!;
    task.charge = charge;
    // To be paid before the last task leaves the queue, and with it the queue the share.
    this.#share.charge(charge);
    queue.unlink(task);
    return task;
  }

  /** A task of the queue took `difference` microseconds more than it was charged. */
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
