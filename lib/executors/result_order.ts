import { Fifo } from '../futures/fifo.js';
import { type Future, addCallback, removeDoneCallback } from '../futures/future.js';

/** In which order the futures of a map are to be taken. */
export interface ResultOrder<F> {
  /** True when none is left. */
  readonly empty: boolean;
  /** The one to take next, done or not; `undefined` while it is not known which that will be. */
  readonly first: F | undefined;
  add(future: F): void;
  /** Takes the first away. */
  drop(): void;
  /** Takes all away, and returns them. */
  clear(): Iterable<F>;
}

/** In the order in which they were submitted. */
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

/** In the order in which they are done. */
export class CompletionOrder<F extends Future<unknown>> implements ResultOrder<F> {
  readonly #pending = new Set<F>();
  readonly #done = new Fifo<F>();
  readonly #callback: (future: F) => void;

  /** @param onDone called each time there is one more to take */
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
