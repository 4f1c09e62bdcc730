import { PerformanceObserver } from 'node:perf_hooks';

import { vital } from './unchanged_language.js';

type Collection = [start: number, duration: number];

/** A task that awaits much may have hundreds of collections in a second: a message for each would cost more than they do. */
const longestHold = 100;

/**
 * Tells of the beginnings and durations of collections of garbage, in milliseconds of `performance.now()`: of all that there
 * were since the last time, when its owner asks for it, or a tenth of a second after the first of them.
 */
export class ObservedCollector {
  readonly #observer: PerformanceObserver;
  readonly #collected: (collections: readonly Collection[]) => void;
  #held: Collection[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(collected: (collections: readonly Collection[]) => void) {
    this.#collected = collected;
    this.#observer = new PerformanceObserver((list) => {
      vital(() => {
        for (const { startTime, duration } of list.getEntries())
          this.#held.push([startTime, duration]);
        this.#timer ??= setTimeout(this.#late, longestHold).unref();
      });
    });
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  /** Tells now of what was not told of. */
  tell(): void {
    if (this.#held.length === 0) return;
    const held = this.#held;
    this.#forget();
    this.#collected(held);
  }

  /** Tells of nothing more. */
  stop(): void {
    this.#observer.disconnect();
    this.#forget();
  }

  readonly #late = (): void => {
    vital(() => {
      this.tell();
    });
  };

  #forget(): void {
    this.#held = [];
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
