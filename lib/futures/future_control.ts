/**
 * How executors, `collect` and `compose` make, start and settle futures. Users see only `Future`, which has
 * none of it.
 */
import type { Callback } from './done_callbacks.js';
import { control, type Future, type FutureOwner } from './future.js';
import type { UnobservedFailures } from './unobserved_failures.js';

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

/** The error of a future that was rejected or cancelled, without looking at it as a user does. */
export function settledError(future: Future<unknown>): unknown {
  return control.outcome(future);
}

/** The reason that was given to `cancel`. */
export function cancelReason(future: Future<unknown>): unknown {
  return (control.outcome(future) as Error).cause;
}

/** True for a future of this package: nothing else has the private fields that its methods need. */
export function isFuture(value: unknown): value is Future<unknown> {
  return control.isFuture(value);
}

/** As `addDoneCallback`, for code of this package: it does not mind in whose asynchronous context it is called. */
export function addCallback<F extends Future<unknown>>(future: F, fn: Callback<F>): void {
  control.addCallback(future, fn);
}

/** Undoes one {@link addCallback}; too late when the future is done and about to call back. */
export function removeDoneCallback(future: Future<unknown>, fn: Callback<never>): void {
  control.removeCallback(future, fn);
}

/** True if `future` cannot be done before `other` is: it is that one, or waits for it, directly or through others. */
export function waitsFor(future: Future<unknown>, other: Future<unknown>): boolean {
  const found = new Set([future]);
  for (const each of found) {
    if (each === other) return true;
    for (const next of control.waitsFor(each)) found.add(next);
  }
  return false;
}

/** Where its failure is counted, for those who make a future out of it. */
export function unobservedFailuresOf(future: Future<unknown>): UnobservedFailures | undefined {
  return control.unobservedFailures(future);
}
