import {
  addCallback,
  cancelFuture,
  cancelReason,
  createFuture,
  markObserved,
  rejectFuture,
  removeDoneCallback,
  resolveFuture,
  settledError,
  settledValue,
  unobservedFailuresOf,
  type Future,
  type FutureOwner,
} from './future.js';
import { listFutures } from './future_list.js';
import type { Kill } from './kill.js';
import type { UnobservedFailures } from './unobserved_failures.js';

/** `T` of a `Future<T>`. */
export type ResultOf<F> = F extends Future<infer T> ? T : never;

/** `[A, B]` of `[Future<A>, Future<B>]`. */
export type ResultsOf<L extends readonly unknown[]> = {
  -readonly [I in keyof L]: ResultOf<L[I]>;
};

/**
 * Makes one future of the list of all results, in the order of `futures`. A future that occurs twice gives its result
 * twice; no futures at all give `[]`. If all are done, the new future is done at once.
 *
 * The first failure becomes the failure of the new future, and the first cancellation cancels it; both cancel the other
 * futures, with the error or the reason as `cause`. Cancelling the new future cancels all that have not started, and with
 * `{ kill: true }` those that run, too.
 *
 * The futures count as looked at from the call on. Only the collected future reports a failure; further failures are
 * dropped, as in `Promise.all`.
 *
 * @param futures any iterable of futures, of one executor or of several; read at the call
 * @throws {TypeError} for anything but an iterable of futures
 */
export function collect<const L extends readonly Future<unknown>[] | []>(
  futures: L,
): Future<ResultsOf<L>>;
export function collect<F extends Future<unknown>>(futures: Iterable<F>): Future<ResultOf<F>[]>;
export function collect(futures: Iterable<Future<unknown>>): Future<unknown[]> {
  return new Collection(listFutures(futures)).future;
}

class Collection implements FutureOwner {
  readonly future: Future<unknown[]>;
  unobservedFailures: UnobservedFailures | undefined;
  readonly #items: readonly Future<unknown>[];
  readonly #pending: Set<Future<unknown>>;

  constructor(items: readonly Future<unknown>[]) {
    this.future = createFuture(this);
    this.#items = items;
    this.#pending = new Set(items);
    for (const item of this.#pending) markObserved(item);
    if (items.length === 0) resolveFuture(this.future, []);
    for (const item of [...this.#pending]) {
      if (item.done()) this.#onDone(item);
      else if (!this.future.done()) addCallback(item, this.#onDone);
    }
  }

  get waitsFor(): Iterable<Future<unknown>> {
    return this.#pending;
  }

  onCancel(_: Future<unknown>, kill?: Kill): void {
    this.#cancelRest(cancelReason(this.future), kill);
  }

  readonly #onDone = (item: Future<unknown>): void => {
    if (this.future.done()) return;
    if (item.cancelled()) {
      cancelFuture(this.future, cancelReason(item));
    } else if (item.state === 'rejected') {
      const error = settledError(item);
      this.unobservedFailures = unobservedFailuresOf(item);
      rejectFuture(this.future, error);
      this.#cancelRest(error);
    } else {
      this.#pending.delete(item);
      if (this.#pending.size === 0) resolveFuture(this.future, this.#items.map(settledValue));
    }
  };

  #cancelRest(reason: unknown, kill?: Kill): void {
    for (const item of this.#pending) {
      removeDoneCallback(item, this.#onDone);
      cancelFuture(item, reason, kill);
    }
    this.#pending.clear();
  }
}
