/** Limits of a task besides its result: it is aborted, takes too long, or is run again. */

import { TimeoutError } from '../errors.js';
import { startTimer } from '../futures/wait_limits.js';
import type { Future } from '../futures/future.js';
import { listen, stopListening, type Abortable } from './abort_listeners.js';

/** The options of a task, resolved. One object for all tasks that have the same. */
export interface TaskLimits {
  readonly signal: AbortSignal | undefined;
  /** Milliseconds from its start on the worker. */
  readonly timeout: number;
  /** How often it may be run again after its worker was lost. */
  readonly retries: number;
  /** The `taskFlags` that tell its worker of them. */
  readonly flags: number;
}

/** A task, as its limits act on it. */
export interface Limitable {
  readonly future: Future<unknown>;
  /** Its signal was aborted after it was sent. */
  abort(reason: unknown): void;
  /** It has run for as long as it may. */
  expire(error: TimeoutError): void;
}

/** The limits of one task that has not ended; tasks without options have none. */
export class LimitedTask implements Abortable {
  readonly #task: Limitable;
  readonly #limits: TaskLimits;
  readonly flags: number;
  #retriesLeft: number;
  #timer: NodeJS.Timeout | undefined;
  /** Its worker was told to abort it. */
  aborted = false;

  constructor(task: Limitable, limits: TaskLimits) {
    this.#task = task;
    this.#limits = limits;
    this.flags = limits.flags;
    this.#retriesLeft = limits.retries;
    if (limits.signal !== undefined) listen(limits.signal, this);
  }

  /** True if it is sent to a worker that has nothing else, and nothing is sent after it: it might never end. */
  get alone(): boolean {
    return this.#limits.timeout < Infinity;
  }

  /** True if its arguments may be needed once more. */
  get mayRunAgain(): boolean {
    return this.#retriesLeft > 0;
  }

  /** Its worker was lost. True if it is to be run again: it is counted. */
  retry(): boolean {
    this.#stopTimer();
    if (this.#retriesLeft === 0 || this.aborted) return false;
    this.#retriesLeft--;
    return true;
  }

  /** Its function is about to be called. */
  started(): void {
    this.#stopTimer();
    const timer = startTimer(this.#limits.timeout, () => {
      // Messages that came while this thread was busy are read first: the result may be among them.
      setImmediate(() => {
        if (this.#timer === timer) this.#expire();
      });
    });
    // The pool keeps the program going as long as the future is pending.
    this.#timer = timer?.unref();
  }

  abort(reason: unknown): void {
    if (!this.#task.future.cancel(reason)) this.#task.abort(reason);
  }

  /** Why its signal was aborted. */
  get reason(): unknown {
    return this.#limits.signal?.reason as unknown;
  }

  /** The future is settled. */
  end(): void {
    this.#stopTimer();
    if (this.#limits.signal !== undefined) stopListening(this.#limits.signal, this);
  }

  #expire(): void {
    const expected = `Expected the task to end within ${this.#limits.timeout} ms of its start`;
    this.#task.expire(new TimeoutError(expected));
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
