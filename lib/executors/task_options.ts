/** The options of tasks: checked once, when a view of the executor is made with them. */

import { argumentRangeError, argumentTypeError } from '../argument_errors.js';
import { taskFlags } from '../tasks/batches.js';
import type { TaskLimits } from '../pool/task_limits.js';
import {
  validateAbortSignal,
  validateOptions,
  validateTimeout,
  type KnownOptions,
} from '../validators.js';

/** Options of single tasks, given to `with`. A chunk of a map is one task. */
export interface TaskOptions {
  /**
   * Cancels the tasks that have not started when it is aborted: their futures fail with a `CancelledError` whose `cause`
   * is the signal's reason. One that runs sees it through `taskSignal()`, and ends as it likes.
   */
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds that a task may run, from when its function is called. Then its future fails with a `TimeoutError`, and
   * its `taskSignal()` is aborted; the worker is busy until the function returns. Such tasks are sent to idle workers
   * only, one at a time. Default: no limit (`Infinity`).
   */
  timeout?: number | undefined;
  /**
   * How often a task is run again when its worker was lost, be it in the middle of the task; never when the task threw.
   * Default: 0.
   */
  retries?: number | undefined;
}

const known: KnownOptions = {
  of: 'with',
  names: ['signal', 'timeout', 'retries'],
  synonyms: { abortSignal: 'signal', maxRetries: 'retries', max_retries: 'retries' },
};

/**
 * Checks `options`, which override `inherited` where they are given. Null if there are no limits then.
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
