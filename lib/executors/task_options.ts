/** The options of tasks, checked once, when a view of the executor is made with them. */

import { argumentRangeError, argumentTypeError } from '../argument_errors.js';
import { taskFlags } from '../tasks/batches.js';
import type { TaskLimits } from '../pool/task_limits.js';
import {
  validateAbortSignal,
  validateOptions,
  validateTimeout,
  type KnownOptions,
} from '../validators.js';

/** Options of tasks, for `with`. A chunk of a map (`chunkSize`) is one task. */
export interface TaskOptions {
  /**
   * A signal whose abort cancels the tasks that have not started: their futures fail with a `CancelledError` whose
   * `cause` is the signal's reason. A running task receives the abort through `taskSignal()`, and decides itself when
   * to end. Default: none.
   */
  signal?: AbortSignal | undefined;
  /**
   * The longest time that a task may run, in milliseconds from the call of its function. After it, the future fails
   * with a `TimeoutError`, and the task's `taskSignal()` is aborted; the worker stays busy until the function returns.
   * Such tasks are sent to idle workers only, one at a time. Default: `Infinity`, no limit.
   */
  timeout?: number | undefined;
  /**
   * The number of times that a task is run again if its worker is lost, even in the middle of the task; never if the
   * task threw. A whole number. Default: 0.
   */
  retries?: number | undefined;
}

const known: KnownOptions = {
  of: 'with',
  names: ['signal', 'timeout', 'retries'],
  synonyms: { abortSignal: 'signal', maxRetries: 'retries', max_retries: 'retries' },
};

/**
 * Checks `options`, which override `inherited`. Returns null if there are no limits.
 *
 * @throws {TypeError | RangeError} that names the option
 */
export function resolveTaskOptions(
  options: TaskOptions,
  inherited: TaskLimits | null,
): TaskLimits | null {
  validateOptions(options, known);
  const { signal = inherited?.signal } = options;
  const { timeout = inherited?.timeout ?? Infinity, retries = inherited?.retries ?? 0 } = options;
  if (signal !== undefined) validateAbortSignal(signal, 'signal');
  validateTimeout(timeout, 'timeout');
  validateRetries(retries);
  const flags =
    (timeout < Infinity ? taskFlags.timed : 0) | (signal === undefined ? 0 : taskFlags.abortable);
  return flags === 0 && retries === 0 ? null : { signal, timeout, retries, flags };
}

function validateRetries(value: unknown): asserts value is number {
  const expected = 'an integer, 0 or more,';
  if (typeof value !== 'number') throw argumentTypeError(expected, 'retries', value);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw argumentRangeError(expected, 'retries', value);
  }
}
