/**
 * Notices processes of this host that somebody has stopped, as by SIGSTOP, and that stay so. Needs /proc; a process that a debugger has
 * stopped does not count.
 *
 * As in native/channel/heartbeat.h, a look that comes late counts nothing and lets all begin anew: this process was stopped, too, or
 * the machine slept.
 */

import { statOf } from './processes_here.js';

const looks = 4; // in the time of the limit
const late = 3; // intervals

/** The longest time of a timer; a limit above it is none. */
const longest = 2 ** 31 - 1;

const ofSignal = 'T'; // in proc(5)

interface Watched {
  stopped: (milliseconds: number) => void;
  silence: number;
}

/** The processes that one part of the program watches. */
export class StoppedProcesses {
  readonly #watched = new Map<number, Watched>();
  #limit: number;
  #timer: NodeJS.Timeout | undefined;
  #lookedAt = 0;

  /** @param limit - milliseconds for which a process may be stopped */
  constructor(limit: number) {
    this.#limit = limit;
  }

  setLimit(limit: number): void {
    this.#limit = limit;
    this.#begin();
  }

  /** Calls `stopped` once if the process is stopped for longer than the limit, with the time in milliseconds. */
  watch(pid: number, stopped: Watched['stopped']): void {
    this.#watched.set(pid, { stopped, silence: 0 });
    if (this.#timer === undefined) this.#begin();
  }

  forget(pid: number): void {
    if (this.#watched.delete(pid) && this.#watched.size === 0) this.#end();
  }

  forgetAll(): void {
    this.#watched.clear();
    this.#end();
  }

  #begin(): void {
    this.#end();
    if (this.#watched.size === 0 || this.#limit > longest) return;
    this.#lookedAt = performance.now();
    const look = (): void => {
      this.#look();
    };
    this.#timer = setInterval(look, this.#interval).unref();
  }

  #end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  get #interval(): number {
    return Math.max(this.#limit / looks, 1);
  }

  #look(): void {
    const now = performance.now();
    const since = now - this.#lookedAt;
    this.#lookedAt = now;
    const isLate = since > late * this.#interval;
    for (const [pid, watched] of [...this.#watched]) {
      const isStopped = !isLate && statOf(pid)?.state === ofSignal;
      watched.silence = isStopped ? watched.silence + since : 0;
      if (watched.silence <= this.#limit) continue;
      this.forget(pid);
      watched.stopped(Math.round(watched.silence));
    }
  }
}

/** The words for how such a process was lost. */
export function wasStopped(milliseconds: number): string {
  return `was stopped (SIGSTOP) for ${milliseconds} ms`;
}
