import { types } from 'node:util';
import { CallbackInContext } from './done_callbacks.js';
import {
  addCallback,
  cancelFuture,
  cancelReason,
  createFuture,
  isFuture,
  markObserved,
  rejectFuture,
  removeDoneCallback,
  resolveFuture,
  settledError,
  settledValue,
  startFuture,
  unobservedFailuresOf,
  waitsFor,
  type Future,
} from './future.js';
import { validateFunction } from '../validators.js';
import { validateFuture } from './future_list.js';
import { failuresOfNobody } from './unobserved_failures.js';

/**
 * Makes a new future whose outcome is what a hook makes of the outcome of `future`. Without a hook
 * for it, the outcome stays what it is.
 *
 * - `resultHook` gets the result; what it returns is the new result.
 * - `exceptionHook` gets the error; an `Error` that it returns is the new error, anything else, also
 *   nothing, is the result.
 *
 * A promise or future that a hook returns is awaited; what a hook throws is the new error. Hooks run
 * in this process, never before `compose` returns, and not after a cancellation: cancelling either
 * future cancels the other, with the same reason. The new future is running while its hook works.
 * A hook runs in the asynchronous context of the call of `compose`, as `AsyncLocalStorage` has it.
 * If it returns the new future, or one that waits for it, the new future fails with a `TypeError`.
 *
 * `future` counts as looked at from the call on; its failure, or that of a hook, is to be looked at
 * in the new one.
 * @throws {TypeError} if `future` is not a future, or a hook not a function
 */
export function compose<T, R = T, E = never>(
  future: Future<T>,
  resultHook?: ((result: T) => R | PromiseLike<R>) | null,
  exceptionHook?: ((error: unknown) => E | PromiseLike<E>) | null,
): Future<R | Exclude<E, Error>> {
  validateFuture(future, 'future');
  validateHook(resultHook, 'resultHook');
  validateHook(exceptionHook, 'exceptionHook');

  let awaited: Future<unknown> = future;
  const composed = createFuture<unknown>({
    unobservedFailures: unobservedFailuresOf(future) ?? failuresOfNobody,
    onCancel: (_, kill) => {
      removeDoneCallback(future, callback);
      cancelFuture(future, cancelReason(composed), kill);
    },
    get waitsFor() {
      return [awaited];
    },
  });

  /** Returns the value of a hook, to be awaited. */
  const returned = <V>(value: V): V => {
    if (!isFuture(value)) return value;
    if (waitsFor(value, composed)) throw cycleError();
    awaited = value;
    return value;
  };

  const complete = async (): Promise<void> => {
    if (future.cancelled()) cancelFuture(composed, cancelReason(future));
    if (composed.cancelled()) return;
    startFuture(composed);
    try {
      if (future.state === 'fulfilled') await succeed();
      else await fail();
    } catch (error) {
      rejectFuture(composed, error);
    }
  };

  const succeed = async (): Promise<void> => {
    const result = settledValue(future);
    resolveFuture(composed, resultHook ? await returned(resultHook(result)) : result);
  };

  const fail = async (): Promise<void> => {
    const error = settledError(future);
    if (!exceptionHook) throw error;
    const substitute = await returned(exceptionHook(error));
    if (isError(substitute)) throw substitute;
    resolveFuture(composed, substitute);
  };

  const callback = new CallbackInContext(complete);
  markObserved(future);
  addCallback(future, callback);
  return composed as Future<R | Exclude<E, Error>>;
}

function validateHook(value: unknown, name: string): void {
  if (value !== undefined && value !== null) validateFunction(value, name);
}

function cycleError(): TypeError {
  const message =
    'Expected a hook of compose to return a value that does not wait for the composed future but received one that does: ' +
    'neither of them would ever be done';
  return Object.assign(new TypeError(message), { code: 'ERR_FUTURE_CYCLE' });
}

// Errors of other realms (node:vm) count, too.
function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}
