import { TimeoutError } from '../errors.js';
import { validateAbortSignal, validateOptions, validateTimeout } from '../validators.js';

/** Limits of one wait; what is waited for goes on in either case. */
export interface WaitOptions {
  /**
   * Longest wait in milliseconds, then a `TimeoutError`. 0 takes only what is there already.
   * Default: no limit.
   */
  timeout?: number | undefined;
  /** Ends the wait with the signal's reason. */
  signal?: AbortSignal | undefined;
}

const knownOptions = { of: 'a wait', names: ['timeout', 'signal'] };

/** Throws a `TypeError` or `RangeError` for what is not {@link WaitOptions}. */
export function validateWaitOptions(options: unknown): asserts options is WaitOptions {
  validateOptions(options, knownOptions);
  const { timeout, signal }: { timeout?: unknown; signal?: unknown } = options;
  if (timeout !== undefined) validateTimeout(timeout, 'timeout');
  if (signal !== undefined) validateAbortSignal(signal, 'signal');
}

/**
 * The outcome of `promise`, unless a limit ends the wait first.
 * @param expectation what a `TimeoutError` says
 */
export async function waitWithin<T>(
  promise: Promise<T>,
  { timeout = Infinity, signal }: WaitOptions,
  expectation?: string,
): Promise<T> {
  signal?.throwIfAborted();
  if (timeout === Infinity && signal === undefined) return promise;

  let interrupt!: (reason: unknown) => void;
  const interrupted = new Promise<never>((_, reject) => (interrupt = reject));
  const abort = (): void => interrupt(signal?.reason);
  const expire = (): void =>
    interrupt(new TimeoutError(expectation ?? `Expected an outcome within ${timeout} ms`));

  const timer = startTimer(timeout, expire);
  signal?.addEventListener('abort', abort);
  try {
    return await Promise.race([promise, interrupted]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** A timer for `clearTimeout`; none where it would be longer than any timer, which is no limit. */
export function startTimer(milliseconds: number, fn: () => void): NodeJS.Timeout | undefined {
  return milliseconds <= longestTimer ? setTimeout(fn, milliseconds) : undefined;
}

/** Milliseconds, 25 days: a longer timer would overflow and fire at once. */
export const longestTimer = 2 ** 31 - 1;
