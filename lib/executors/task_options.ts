/** The options of tasks, checked once, when a view of the executor is made with them. */

import { argumentRangeError, argumentTypeError } from '../argument_errors.js';
import { defaultKillAfter } from '../futures/kill.js';
import { taskFlags } from '../tasks/batches.js';
import type { TaskLimits } from '../pool/task_limits.js';
import {
  validateAbortSignal,
  validateBoolean,
  validateOptions,
  validateTimeout,
  type KnownOptions,
} from '../validators.js';

/** Options of tasks, for `with`. A chunk of a map (`chunkSize`) is one task. */
export interface TaskOptions {
  /**
   * A signal whose abort cancels the tasks that have not started: their futures fail with a `CancelledError` whose
   * `cause` is the signal's reason. A running task receives the abort through `taskSignal()`, and decides itself when
   * to end, unless `kill` is true. Default: none.
   */
  signal?: AbortSignal | undefined;
  /**
   * True: the abort of `signal` also cancels running tasks. Their futures fail at once, and after `killAfter` the workers
   * of those that still run are ended. Default: false.
   */
  kill?: boolean | undefined;
  /**
   * The time in milliseconds that a running task has to end once it was told to, by its `timeout`, by a `signal` with `kill`,
   * or by `cancel({ kill: true })`. After it, the worker is ended and another one takes its place; a worker that cannot be
   * replaced stays busy until the task ends (docs/guide/reliability.md). 0: at once; `Infinity`: never. Default: 1000.
   */
  killAfter?: number | undefined;
  /**
   * The longest time that a task may run, in milliseconds from the call of its function. After it, the future fails
   * with a `TimeoutError`, and the task's `taskSignal()` is aborted. If it still runs after `killAfter`, its worker is ended.
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
  names: ['signal', 'kill', 'killAfter', 'timeout', 'retries'],
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
  const { signal = inherited?.signal, kill = inherited?.kill ?? false } = options;
  const { timeout = inherited?.timeout ?? Infinity, retries = inherited?.retries ?? 0 } = options;
  const { killAfter = inherited?.killAfter ?? defaultKillAfter } = options;
  if (signal !== undefined) validateAbortSignal(signal, 'signal');
  validateBoolean(kill, 'kill');
  validateTimeout(killAfter, 'killAfter');
  validateTimeout(timeout, 'timeout');
  validateRetries(retries);
  const isLimited = signal !== undefined || timeout < Infinity || retries > 0;
  if (!isLimited && !kill && killAfter === defaultKillAfter) return null;
  const flags = timeout < Infinity ? taskFlags.timed : taskFlags.none;
  return { signal, kill, killAfter, timeout, retries, flags };
}

function validateRetries(value: unknown): asserts value is number {
  const expected = 'an integer, 0 or more,';
  if (typeof value !== 'number') throw argumentTypeError(expected, 'retries', value);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw argumentRangeError(expected, 'retries', value);
  }
}
