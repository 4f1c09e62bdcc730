import { InvalidStateError } from '../errors.js';
import type { Backlog } from './backlog.js';
import type { Sharer } from './fair_share.js';

/** What the scheduler needs to know of a task, and what it notes on it, so that it allocates nothing per task. */
export interface Schedulable {
  /** Tasks of one kind, which run the same function, share an estimate of their run time. */
  readonly kind: number;
  /** Encoded size in bytes. */
  readonly size: number;
  /** The worker it was dispatched to, or -1. The scheduler's, as are all that follow; at first -1, 0 and null. */
  worker: number;
  /** The run time it was expected to take when it was dispatched, in whole microseconds. */
  charge: number;
  queue: Sharer | null;
  previous: Schedulable | null;
  next: Schedulable | null;
}

/** The tasks of one executor that wait for a worker, first come, first served. */
export interface TaskQueue<T extends Schedulable> {
  readonly length: number;
  /** Adds a task at the end. Throws an `InvalidStateError` when the queue is closed. */
  push(task: T): void;
  /** Puts a task that was dispatched, to a worker that was lost, back at the front: it has waited already. */
  requeue(task: T): void;
  /** Removes a task that still waits; false if it does not. */
  withdraw(task: T): boolean;
  /** Removes all tasks and returns them in order. */
  clear(): T[];
  /** Refuses new tasks; those that wait are still dispatched, and those dispatched can still be requeued. */
  close(): void;
}

/** A queue linked through its tasks: to withdraw one from the middle costs no more than to take the first. */
export class LinkedTaskQueue<T extends Schedulable> implements TaskQueue<T>, Sharer {
  usedTime = 0;
  correction = 0;
  place = -1;
  length = 0;
  /** The task that is next. */
  first: T | null = null;
  #last: T | null = null;
  #closed = false;
  readonly #backlog: Backlog<T>;

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
