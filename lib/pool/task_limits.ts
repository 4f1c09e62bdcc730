/** The limits of a task: it can be aborted, take too long, be ended with its worker, or be run again. */

import { TimeoutError } from '../errors.js';
import { startTimer } from '../futures/wait_limits.js';
import { cancelFuture, type Future } from '../futures/future.js';
import { defaultKillAfter } from '../futures/kill.js';
import { listen, stopListening, type Abortable } from './abort_listeners.js';

/** The options of a task, resolved. Tasks with the same options share one object. */
export interface TaskLimits {
  readonly signal: AbortSignal | undefined;
  /** The time limit in milliseconds, from the start on the worker. */
  readonly timeout: number;
  /** True if an abort of the signal ends the task also while it runs. */
  readonly kill: boolean;
  /** Milliseconds from the abort of a running task to the end of its worker. */
  readonly killAfter: number;
  /** The number of times that the task may be run again after its worker was lost. */
  readonly retries: number;
  /** The `taskFlags` for these options. */
  readonly flags: number;
}

/** The limits of a task without options. */
const noLimits: TaskLimits = {
  signal: undefined,
  timeout: Infinity,
  kill: false,
  killAfter: defaultKillAfter,
  retries: 0,
  flags: 0,
};

/** A task, as its limits act on it. */
export interface Limitable {
  readonly future: Future<unknown>;
  /** Called when the signal was aborted after the task was sent. */
  abort(reason: unknown): void;
  /** Called when the task has reached its time limit. */
  expire(error: TimeoutError): void;
}

/** The limits of one task that has not ended; tasks without options have none. */
export class LimitedTask implements Abortable {
  readonly #task: Limitable;
  readonly #limits: TaskLimits;
  readonly flags: number;
  #retriesLeft: number;
  #timer: NodeJS.Timeout | undefined;
  /** True if the worker was told to abort the task. */
  aborted = false;

  constructor(task: Limitable, limits = noLimits) {
    this.#task = task;
    this.#limits = limits;
    this.flags = limits.flags;
    this.#retriesLeft = limits.retries;
    if (limits.signal !== undefined) listen(limits.signal, this);
  }

  /** True if the task is sent to an idle worker only, and nothing is sent after it, because it might never end. */
  get alone(): boolean {
    return this.#limits.timeout < Infinity;
  }

  /** Milliseconds from the abort of a running task to the end of its worker. */
  get killAfter(): number {
    return this.#limits.killAfter;
  }

  /** True if the arguments may be needed again. */
  get mayRunAgain(): boolean {
    return this.#retriesLeft > 0;
  }

  /** Counts a loss of the task's worker. Returns true if the task is to be run again. */
  retry(): boolean {
    this.#stopTimer();
    if (this.#retriesLeft === 0 || this.aborted) return false;
    this.#retriesLeft--;
    return true;
  }

  /** Notes that the function of the task is about to be called. */
  started(): void {
    this.#stopTimer();
    if (this.#task.future.done()) return; // the task has ended while the message was on its way
    const timer = startTimer(this.#limits.timeout, () => {
      // First reads the messages that arrived while this thread was busy: the result may be among them.
      setImmediate(() => {
        if (this.#timer === timer) this.#expire();
      });
    });
    // The timer need not keep the program alive: the pool does so until the task has ended.
    this.#timer = timer?.unref();
  }

  abort(reason: unknown): void {
    const kill = this.#limits.kill ? { killAfter: this.#limits.killAfter } : undefined;
    if (!cancelFuture(this.#task.future, reason, kill)) this.#task.abort(reason);
  }

  /** The reason of the signal's abort. */
  get reason(): unknown {
    return this.#limits.signal?.reason as unknown;
  }

  /** Notes that the future is settled. */
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
