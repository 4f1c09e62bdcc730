import { types } from 'node:util';
import {
  cancelReason,
  createFuture,
  markObserved,
  rejectFuture,
  removeDoneCallback,
  resolveFuture,
  settledError,
  settledValue,
  startFuture,
  unobservedFailuresOf,
} from './future_control.js';
import { validateFuture, validateHook } from './future_list.js';
import type { Future } from './future.js';

/**
 * A new future, made of `future` and what a hook makes of its outcome. Without a hook for it, the
 * outcome stays what it is.
 *
 * - `resultHook` gets the result; what it returns is the new result.
 * - `exceptionHook` gets the error; an `Error` that it returns is the new error, anything else, also
 *   nothing, is the result.
 *
 * A promise or future that a hook returns is awaited; what a hook throws is the new error. Hooks run
 * in this process, never before `compose` returns, and not for what was cancelled: to cancel either
 * future cancels the other, with the same reason. The new future is running while its hook works.
 *
 * `future` counts as looked at from the call on; its failure, or that of a hook, is to be looked at
 * in the new one.
 * @throws {TypeError} for what is no future, or no function
 */
export function compose<T, R = T, E = never>(
  future: Future<T>,
  resultHook?: ((result: T) => R | PromiseLike<R>) | null,
  exceptionHook?: ((error: unknown) => E | PromiseLike<E>) | null,
): Future<R | Exclude<E, Error>> {
  validateFuture(future, 'future');
  validateHook(resultHook, 'resultHook');
  validateHook(exceptionHook, 'exceptionHook');

  const composed = createFuture<unknown>({
    unobservedFailures: unobservedFailuresOf(future),
    onCancel: () => {
      removeDoneCallback(future, complete);
      future.cancel(cancelReason(composed));
    },
  });

  const complete = async (): Promise<void> => {
    if (future.cancelled()) composed.cancel(cancelReason(future));
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
    resolveFuture(composed, resultHook ? await resultHook(result) : result);
  };

  const fail = async (): Promise<void> => {
    const error = settledError(future);
    if (!exceptionHook) throw error;
    const substitute = await exceptionHook(error);
    if (isError(substitute)) throw substitute;
    resolveFuture(composed, substitute);
  };

  markObserved(future);
  future.addDoneCallback(complete);
  return composed as Future<R | Exclude<E, Error>>;
}

// An error of another realm is one too.
function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}
