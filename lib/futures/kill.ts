/** How a running task is cancelled, together with its worker. */

import { validateBoolean, validateOptions, validateTimeout } from '../validators.js';

/** Options of `Future.cancel`. */
export interface KillOptions {
  /** True: a task that runs is cancelled, too. */
  kill: boolean;
  /**
   * Milliseconds from the abort of the task's `taskSignal()` to the end of its worker, if the task still runs. Default: that
   * of the task's options, else 1000. 0: at once; `Infinity`: never.
   */
  killAfter?: number | undefined;
  /** Becomes the `cause` of the `CancelledError`. */
  reason?: unknown;
}

/** A running task is to end, with its worker if need be. */
export interface Kill {
  /** Milliseconds from the abort of its signal; undefined: as its options say. */
  readonly killAfter: number | undefined;
}

/** The default of `killAfter`, in milliseconds. */
export const defaultKillAfter = 1000;

const known = {
  of: 'cancel',
  names: ['kill', 'killAfter', 'reason'],
  synonyms: { force: 'kill', timeout: 'killAfter', cause: 'reason' },
};

/**
 * The argument of `Future.cancel`. A plain object with a property `kill` is options; anything else is a reason.
 *
 * @throws {TypeError | RangeError} that names the option
 */
export function readCancelArgument(argument: unknown): { reason: unknown; kill: Kill | undefined } {
  if (!isOptions(argument)) return { reason: argument, kill: undefined };
  validateOptions(argument, known);
  const { kill, killAfter, reason } = argument;
  validateBoolean(kill, 'kill');
  if (killAfter !== undefined) validateTimeout(killAfter, 'killAfter');
  return { reason, kill: kill ? { killAfter } : undefined };
}

function isOptions(argument: unknown): argument is KillOptions {
  if (typeof argument !== 'object' || argument === null || !Object.hasOwn(argument, 'kill'))
    return false;
  const prototype: unknown = Object.getPrototypeOf(argument);
  return prototype === Object.prototype || prototype === null;
}
