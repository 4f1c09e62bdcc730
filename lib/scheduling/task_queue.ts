import { InvalidStateError } from '../errors.js';
import type { Sharer } from './fair_share.js';

/** A task, as a scheduler knows it; the scheduler notes on it what else it would have to allocate. */
export interface Schedulable {
  /** Tasks of one kind, which run the same function, share an estimate of their run time. */
  readonly kind: number;
  /** Encoded size in bytes. */
  readonly size: number;
  /** Sent to idle workers only, with nothing after it. */
  readonly alone: boolean;
  /** The worker it was sent to, or -1. As all that follow it is the scheduler's; at first -1. */
  worker: number;
  /** The run time expected of it when it was sent, in whole microseconds; at first 0. */
  charge: number;
  /** At first null, as `previous` and `next`. */
  queue: Sharer | null;
  previous: Schedulable | null;
  next: Schedulable | null;
}

/** The tasks of one executor that wait for a worker, first come, first served. */
export interface TaskQueue<T extends Schedulable> {
  readonly length: number;
  /** Adds a task at the end. Throws an `InvalidStateError` when the queue is closed. */
  push(task: T): void;
  /** Puts a task that was sent to a worker now lost back at the front: it has waited already. */
  requeue(task: T): void;
  /** Removes a task that still waits; false if it does not. */
  withdraw(task: T): boolean;
  /** Removes all tasks and returns them in order. */
  clear(): T[];
  /** Refuses new tasks; those that wait are still sent, and those sent can still be requeued. */
  close(): void;
}

/** Keeps count of the tasks of all queues. */
export interface QueueKeeper<T extends Schedulable> {
  /** A queue has got a task. */
  added(queue: LinkedTaskQueue<T>): void;
  /** A task has left a queue. */
  removed(queue: LinkedTaskQueue<T>): void;
}

/** A queue linked through its tasks: one in the middle is as easy to take out as the first. */
export class LinkedTaskQueue<T extends Schedulable> implements TaskQueue<T>, Sharer {
  usedTime = 0;
  correction = 0;
  place = -1;
  length = 0;
  /** The task that is next. */
  first: T | null = null;
  #last: T | null = null;
  #closed = false;
  readonly #keeper: QueueKeeper<T>;

  constructor(keeper: QueueKeeper<T>) {
    this.#keeper = keeper;
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

  /** Takes a task out, as dispatched: it stays a task of this queue. */
  unlink(task: T): void {
    const { previous, next } = task as Linked<T>;
    if (previous === null) this.first = next;
    else previous.next = next;
    if (next === null) this.#last = previous;
    else next.previous = previous;
    task.previous = null;
    task.next = null;
    this.length--;
    this.#keeper.removed(this);
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
    this.#keeper.added(this);
  }
}

interface Linked<T> {
  previous: T | null;
  next: T | null;
}
