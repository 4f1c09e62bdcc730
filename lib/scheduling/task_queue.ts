/** The tasks that wait for a worker: a queue for each executor, and the backlog of all queues, which says whose task is next. */

import { InvalidStateError } from '../errors.js';
import { FairShare, type Sharer } from './fair_share.js';

/** A task as a scheduler sees it. The scheduler keeps its own data in it, to avoid allocations. */
export interface Schedulable {
  /** Identifies the function that the task runs. Tasks of one kind share an estimate of their run time. */
  readonly kind: number;
  /** The encoded size in bytes. */
  readonly size: number;
  /** True if the task is sent to idle workers only, with nothing after it. */
  readonly alone: boolean;
  /** The worker that the task was sent to; at first -1. This and the following fields belong to the scheduler. */
  worker: number;
  /** The expected run time when the task was sent, in whole microseconds; at first 0. */
  charge: number;
  /** The queue that the task is or was in; at first null, like `previous` and `next`. */
  queue: Sharer | null;
  previous: Schedulable | null;
  next: Schedulable | null;
}

/** The tasks of one executor that wait for a worker: first come, first served. */
export interface TaskQueue<T extends Schedulable> {
  readonly length: number;
  /**
   * Adds a task at the end.
   *
   * @throws {InvalidStateError} when the queue is closed
   */
  push(task: T): void;
  /** Puts a task of a lost worker back at the front, since it has waited already. */
  requeue(task: T): void;
  /** Removes a task that still waits; returns false if it does not. */
  withdraw(task: T): boolean;
  /** Removes all tasks and returns them in order. */
  clear(): T[];
  /** Rejects new tasks. Waiting tasks are still sent, and sent ones can still be requeued. */
  close(): void;
}

/** All waiting tasks, in the queues of all executors, in the order in which they will be sent. */
export class Backlog<T extends Schedulable> {
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

  /** Called when a queue has got a task. */
  added(queue: LinkedTaskQueue<T>): void {
    this.#length++;
    if (queue.length === 1) this.#share.join(queue);
  }

  /** Called when a task has left a queue. */
  removed(queue: LinkedTaskQueue<T>): void {
    this.#length--;
    if (queue.length === 0) this.#share.leave(queue);
  }
}

/** A queue linked through its tasks, so that one in the middle is removed as cheaply as the first. */
export class LinkedTaskQueue<T extends Schedulable> implements TaskQueue<T>, Sharer {
  usedTime = 0;
  correction = 0;
  place = -1;
  length = 0;
  /** The next task. */
  first: T | null = null;
  #last: T | null = null;
  #closed = false;
  readonly #backlog: Backlog<T>;

  /** @param backlog - counts the tasks of all queues */
  constructor(backlog: Backlog<T>) {
    this.#backlog = backlog;
  }

  push(task: T): void {
    if (this.#closed) throw new InvalidStateError('Expected an open queue but received one closed');
    this.#insert(task, this.#last, null);
  }

  requeue(task: T): void {
    this.#insert(task, null, this.first);
  }

  withdraw(task: T): boolean {
    if (task.queue !== this || task.worker !== -1) return false;
    this.unlink(task);
    task.queue = null;
    return true;
  }

  clear(): T[] {
    const tasks: T[] = [];
    for (let task = this.first; task !== null; task = this.first) {
      this.withdraw(task);
      tasks.push(task);
    }
    return tasks;
  }

  close(): void {
    this.#closed = true;
  }

  /** Removes a task that is dispatched. It remains a task of this queue. */
  unlink(task: T): void {
    const { previous, next } = task as Linked<T>;
    if (previous === null) this.first = next;
    else previous.next = next;
    if (next === null) this.#last = previous;
    else next.previous = previous;
    task.previous = null;
    task.next = null;
    this.length--;
    this.#backlog.removed(this);
  }

  #insert(task: T, previous: T | null, next: T | null): void {
    task.worker = -1;
    task.queue = this;
    task.previous = previous;
    task.next = next;
    if (previous === null) this.first = task;
    else previous.next = task;
    if (next === null) this.#last = task;
    else next.previous = task;
    this.length++;
    this.#backlog.added(this);
  }
}

interface Linked<T> {
  previous: T | null;
  next: T | null;
}
