import { validateOneOf, validateOptions, validateTimeout } from '../validators.js';
import { addCallback, removeDoneCallback, type Future } from './future.js';
import { listFutures } from './future_list.js';
import { startTimer } from './wait_limits.js';

/** {@link wait} ends when any future is done. */
export const FIRST_COMPLETED = 'FIRST_COMPLETED';

/** {@link wait} ends when any future has failed, or all are done. A cancelled future has not failed. */
export const FIRST_EXCEPTION = 'FIRST_EXCEPTION';

/** {@link wait} ends when all futures are done. */
export const ALL_COMPLETED = 'ALL_COMPLETED';

/** The condition that ends a `wait`. */
export type ReturnWhen = typeof FIRST_COMPLETED | typeof FIRST_EXCEPTION | typeof ALL_COMPLETED;

/** Options of {@link wait}. */
export interface WaitForOptions {
  /** The longest wait in milliseconds. With 0, only what is already done counts. Default: no limit. */
  timeout?: number | undefined;
  /** The condition that ends the wait before that. Default: `ALL_COMPLETED`. */
  returnWhen?: ReturnWhen | undefined;
}

/** The futures of a wait, each once and in their order. */
export interface DoneAndNotDone<F> {
  /** The futures that succeeded, failed or were cancelled. */
  done: Set<F>;
  /** The other futures, which go on. */
  notDone: Set<F>;
}

/**
 * Waits until all futures are done, or until the condition `returnWhen` is met. Never rejects because of a timeout or a
 * failure. Waiting for a future does not count as looking at its failure.
 *
 * @param futures any iterable of futures, of one executor or of several
 * @throws {TypeError | RangeError} as a rejection, for wrong arguments
 */
export async function wait<F extends Future<unknown>>(
  futures: Iterable<F>,
  options: WaitForOptions = {},
): Promise<DoneAndNotDone<F>> {
  validateWaitForOptions(options);
  const { timeout = Infinity, returnWhen = ALL_COMPLETED } = options;
  const list = listFutures(futures);
  const pending = notDoneOf(list);
  const isEnough = endings[returnWhen];
  const isOver = pending.size === 0 || timeout === 0 || list.some(isEnough);
  if (!isOver) await untilEnough(pending, isEnough, timeout);
  return { done: new Set(list.filter((future) => future.done())), notDone: notDoneOf(list) };
}

const endings: Record<ReturnWhen, (future: Future<unknown>) => boolean> = {
  FIRST_COMPLETED: (future) => future.done(),
  FIRST_EXCEPTION: (future) => future.state === 'rejected',
  ALL_COMPLETED: () => false,
};

const knownOptions = { of: 'wait', names: ['timeout', 'returnWhen'] };

function validateWaitForOptions(options: unknown): asserts options is WaitForOptions {
  validateOptions(options, knownOptions);
  const { timeout, returnWhen }: { timeout?: unknown; returnWhen?: unknown } = options;
  if (timeout !== undefined) validateTimeout(timeout, 'timeout');
  if (returnWhen !== undefined) validateOneOf(returnWhen, 'returnWhen', Object.keys(endings));
}

function notDoneOf<F extends Future<unknown>>(futures: readonly F[]): Set<F> {
  return new Set(futures.filter((future) => !future.done()));
}

function untilEnough(
  pending: ReadonlySet<Future<unknown>>,
  isEnough: (future: Future<unknown>) => boolean,
  timeout: number,
): Promise<void> {
  return new Promise((resolve) => {
    let left = pending.size;
    const onDone = (future: Future<unknown>): void => {
      left--;
      if (left === 0 || isEnough(future)) end();
    };
    const end = (): void => {
      clearTimeout(timer);
      for (const future of pending) removeDoneCallback(future, onDone);
      resolve();
    };
    const timer = startTimer(timeout, end);
    for (const future of pending) addCallback(future, onDone);
  });
}
