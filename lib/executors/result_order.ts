import { Fifo } from '../futures/fifo.js';
import { type Future, addCallback, removeDoneCallback } from '../futures/future.js';

/** The order in which the results of a map are taken. */
export interface ResultOrder<F> {
  /** True when no future is left. */
  readonly empty: boolean;
  /** The future to take next, done or not; `undefined` while it is unknown. */
  readonly first: F | undefined;
  add(future: F): void;
  /** Removes the first future. */
  drop(): void;
  /** Removes all futures, and returns them. */
  clear(): Iterable<F>;
}

/** Takes results in the order of submission. */
export class SubmissionOrder<F extends object> implements ResultOrder<F> {
  readonly #futures = new Fifo<F>();

  get empty(): boolean {
    return this.first === undefined;
  }

  get first(): F | undefined {
    return this.#futures.first;
  }

  add(future: F): void {
    this.#futures.push(future);
  }

  drop(): void {
    this.#futures.drop();
  }

  clear(): Iterable<F> {
    return this.#futures.clear();
  }
}

/** Takes results in the order of completion. */
export class CompletionOrder<F extends Future<unknown>> implements ResultOrder<F> {
  readonly #pending = new Set<F>();
  readonly #done = new Fifo<F>();
  readonly #callback: (future: F) => void;

  /** @param onDone called each time one more result is ready */
  constructor(onDone: () => void) {
    this.#callback = (future) => {
      if (!this.#pending.delete(future)) return;
      this.#done.push(future);
      onDone();
    };
  }

  get empty(): boolean {
    return this.#pending.size === 0 && this.first === undefined;
  }

  get first(): F | undefined {
    return this.#done.first;
  }

  add(future: F): void {
    this.#pending.add(future);
    addCallback(future, this.#callback);
  }

  drop(): void {
    this.#done.drop();
  }

  clear(): Iterable<F> {
    const rest = [...this.#done.clear(), ...this.#pending];
    for (const future of this.#pending) removeDoneCallback(future, this.#callback);
    this.#pending.clear();
    return rest;
  }
}
