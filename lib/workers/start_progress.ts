/**
 * Follows the start of spawned workers, and decides when it has failed or is slow. Has no timers or sockets:
 * lib/workers/starting_workers.ts feeds it.
 */

import { slow } from '../late.js';
import { slowStart } from './slow_start.js';

/** The number of workers that start, and the time limits. */
export interface StartLimits {
  /** The number of workers that were asked for. */
  readonly count: number;
  /** Milliseconds until all must be ready. */
  readonly bootTimeout: number;
  /**
   * The longest time without progress in a start that succeeds, in seconds. Progress: a process begins to run, or has
   * started MPI.
   */
  mostSilence(): number;
  /** The longest time without progress, in seconds, in which the process of a worker is not to be seen. */
  mostAbsence(): number;
}

/** Called when a start fails, or is slow. */
export interface StartEvents {
  failed(reason: string): void;
  /** Called when the start goes on, but is slow, with what it waits for. */
  isSlow(message: string): void;
}

/** Counts the workers that have begun to run, and the seconds without progress. */
export class StartProgress {
  readonly #limits: StartLimits;
  readonly #events: StartEvents;
  #running = 0;
  #started = 0;
  #silence = 0;
  #absence = 0;
  #seconds = 0;

  constructor(limits: StartLimits, events: StartEvents) {
    this.#limits = limits;
    this.#events = events;
  }

  /** Notes that a worker has begun to run. */
  runs(): void {
    this.#running++;
    this.#silence = 0;
  }

  /** Notes that MPI has started in a worker. */
  started(): void {
    this.#started++;
    this.#silence = 0;
  }

  /** @param who - a worker that has ended */
  ended(who: string, why: string): void {
    this.#events.failed(`A worker (${who}) has ended before it was ready: ${why}`);
  }

  /** The number of workers that have begun to run. */
  get running(): number {
    return this.#running;
  }

  /**
   * Notes that another second has passed.
   *
   * @param isAbsent - true if a worker has not begun to run and no process is there that could
   */
  second(isAbsent = false): void {
    const { bootTimeout } = this.#limits;
    this.#silence++;
    this.#seconds++;
    this.#absence = isAbsent ? this.#absence + 1 : 0;
    if (Math.min(this.#absence, this.#silence) >= this.#limits.mostAbsence())
      this.#events.failed(
        `${this.#state()}, and there is no process that could: it has ended, or was not started. ` +
          'See what it or mpiexec printed, and try execPath and execArgv by hand',
      );
    else if (this.#silence >= this.#limits.mostSilence())
      this.#events.failed(
        `${this.#state()}, and for ${this.#silence} s nothing has happened. See what mpiexec printed; ` +
          'a start that takes longer needs the option bootTimeout, or MPI_FUTURES_BOOT_TIMEOUT, in milliseconds',
      );
    else if (this.#seconds === slow) this.#events.isSlow(slowStart(this.#state(), bootTimeout));
  }

  #state(): string {
    const { count } = this.#limits;
    const isOne = count === 1;
    if (this.#running === 0)
      return isOne
        ? 'The worker has not begun to run'
        : `None of ${count} workers has begun to run`;
    if (this.#running < count) return `${this.#running} of ${count} workers have begun to run`;
    const all = isOne ? 'The worker runs' : `All ${count} workers run`;
    if (this.#started === 0) return `${all}, but MPI has not started there`;
    if (this.#started < count)
      return `${all}, but MPI has started in ${this.#started} of them only`;
    return `${all}, and MPI has started there, but has not connected this process with them`;
  }
}
