import { TimeoutError } from '../errors.js';
import { UntilFailure } from '../until_failure.js';
import { validateAbortSignal, validateOptions, validateTimeout } from '../validators.js';

/** The limits of one wait. The operation that is waited for goes on in either case. */
export interface WaitOptions {
  /**
   * The longest wait in milliseconds, after which a `TimeoutError` is thrown. With 0, only what is already there
   * counts. Default: no limit.
   */
  timeout?: number | undefined;
  /** A signal whose abort ends the wait with the signal's reason. */
  signal?: AbortSignal | undefined;
}

const knownOptions = { of: 'a wait', names: ['timeout', 'signal'] };

/** @throws {TypeError | RangeError} for anything but {@link WaitOptions} */
export function validateWaitOptions(options: unknown): asserts options is WaitOptions {
  validateOptions(options, knownOptions);
  const { timeout, signal }: { timeout?: unknown; signal?: unknown } = options;
  if (timeout !== undefined) validateTimeout(timeout, 'timeout');
  if (signal !== undefined) validateAbortSignal(signal, 'signal');
}

/**
 * The outcome of `promise`, unless a limit ends the wait first.
 *
 * @param expectation the message of a `TimeoutError`
 */
export async function waitWithin<T>(
  promise: Promise<T>,
  { timeout = Infinity, signal }: WaitOptions,
  expectation?: string,
): Promise<T> {
  signal?.throwIfAborted();
  if (timeout === Infinity && signal === undefined) return promise;

  const limits = new UntilFailure();
  const abort = (): void => limits.fail(signal?.reason);
  const timer = startTimer(timeout, () => {
    limits.fail(new TimeoutError(expectation ?? `Expected an outcome within ${timeout} ms`));
  });
  signal?.addEventListener('abort', abort);
  try {
    return await limits.during(promise);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/**
 * Settles as `promise` does, or resolves to undefined if that takes longer than the deadline, in milliseconds.
 *
 * @param keepAlive - true if this wait keeps the program running
 */
export async function settledWithin<T>(
  deadline: number,
  promise: Promise<T>,
  keepAlive = true,
): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, Math.min(deadline, longestTimer), undefined);
    if (!keepAlive) timer.unref();
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Starts a timer for `clearTimeout`. Returns undefined for a time that no timer can have, which is no limit. */
export function startTimer(milliseconds: number, fn: () => void): NodeJS.Timeout | undefined {
  return milliseconds <= longestTimer ? setTimeout(fn, milliseconds) : undefined;
}

/** Milliseconds, 25 days: a longer timer would overflow and fire at once. */
export const longestTimer = 2 ** 31 - 1;
