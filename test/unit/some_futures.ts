import { callBackSoon } from '../../lib/futures/done_callbacks.js';
import {
  createFuture,
  rejectFuture,
  resolveFuture,
  type Future,
} from '../../lib/futures/future.js';
import { UnobservedFailures } from '../../lib/futures/unobserved_failures.js';

export const failure = new Error('the task failed');

/** Futures of one executor, and the failures that nobody has looked at. */
export class SomeFutures {
  readonly failures = new UnobservedFailures();

  pending<T = unknown>(): Future<T> {
    return createFuture<T>({ onCancel: () => undefined, unobservedFailures: this.failures });
  }

  fulfilled<T>(value: T): Future<T> {
    const future = this.pending<T>();
    resolveFuture(future, value);
    return future;
  }

  rejected(error: unknown = failure): Future<never> {
    const future = this.pending<never>();
    rejectFuture(future, error);
    return future;
  }

  cancelled(reason?: unknown): Future<never> {
    const future = this.pending<never>();
    future.cancel(reason);
    return future;
  }
}

/** Until all callbacks that are due now, and those that they lead to, have run. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Timers that stand still until a test moves them on. Microtasks and setImmediate are real. */
export function useFakeTimers(): void {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick', 'setImmediate'] });
}

/**
 * Settles `future` and says how many callbacks were still registered. The test has
 * mocked done_callbacks.js by a spy.
 */
export function callbacksLeft(future: Future<unknown>): number {
  const spy = jest.mocked(callBackSoon);
  spy.mockClear();
  resolveFuture(future, undefined);
  return spy.mock.calls.reduce((count, [, callbacks]) => count + callbacks.length, 0);
}
