import { PerformanceObserver } from 'node:perf_hooks';

import { vital } from './unchanged_language.js';

type Collection = [start: number, duration: number];

/**
 * Milliseconds for which collections are held back. A task that awaits much may cause hundreds of them in a second, and a message for
 * each would cost more than they do.
 */
const longestHold = 100;

/**
 * Reports collections of garbage, with their beginnings and durations in milliseconds of `performance.now()`: all since the last
 * report, when {@link tell} is called or a tenth of a second after the first of them.
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

  /** Reports now what was not reported yet. */
  tell(): void {
    if (this.#held.length === 0) return;
    const held = this.#held;
    this.#forget();
    this.#collected(held);
  }

  /** Reports nothing more. */
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
