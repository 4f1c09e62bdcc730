/** How executors make, start and settle futures. Users see only `Future`, which has none of it. */
import { control, type Future, type FutureOwner } from './future.js';

/** A pending future. */
export function createFuture<T>(owner: FutureOwner | null = null): Future<T> {
  return control.create(owner) as Future<T>;
}

/** The task starts, and `cancel` comes too late. False if it came before: the task must not run. */
export function startFuture(future: Future<unknown>): boolean {
  return control.start(future);
}

/** The task that had started waits again, for another worker: it can be cancelled again. */
export function requeueFuture(future: Future<unknown>): void {
  control.requeue(future);
}

/**
 * The task has returned `value`. False if the future was cancelled before: then the value is
 * dropped. Throws an `InvalidStateError` if it has an outcome already.
 */
export function resolveFuture<T>(future: Future<T>, value: T): boolean {
  return control.resolve(future, value);
}

/** The task has failed with `error`; else as {@link resolveFuture}. */
export function rejectFuture(future: Future<unknown>, error: unknown): boolean {
  return control.reject(future, error);
}

/** Counts as looked at from now on, for a future whose outcome is dropped on purpose. */
export function markObserved(future: Future<unknown>): void {
  control.markObserved(future);
}

/** The value of a fulfilled future, without the turns of the microtask queue that `await` takes. */
export function settledValue<T>(future: Future<T>): T {
  return control.outcome(future) as T;
}
