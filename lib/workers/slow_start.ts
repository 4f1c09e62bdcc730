/** Warns, once, of a start that takes long, since MPI and Node.js themselves do not. */

import { slow, whenLate } from '../late.js';

/**
 * The text of the warning.
 *
 * @param state - what is being waited for, as the beginning of a sentence
 * @param bootTimeout - in milliseconds; Infinity, also while a worker waits for its debugger
 */
export function slowStart(state: string, bootTimeout: number): string {
  const limit = bootTimeout === Infinity ? 'There is no limit' : `The limit is ${bootTimeout} ms`;
  return `Workers are not ready after ${slow} s. ${state}. ${limit} (option bootTimeout)`;
}

/** Emits the warning. */
export function warnOfSlowStart(message: string): void {
  process.emitWarning(message, { type: 'MPIFuturesWarning', code: 'MPI_FUTURES_SLOW_START' });
}

/**
 * Warns of a start that takes too long.
 *
 * @param state - as in {@link slowStart}; undefined: nothing is late so far
 * @returns a function to call when the start is over
 */
export function warnIfSlow(bootTimeout: number, state: () => string | undefined): () => void {
  return warnOnceLate(() => {
    const what = state();
    return what === undefined ? undefined : slowStart(what, bootTimeout);
  });
}

/**
 * Warns of a wait that is not over in time, and has no limit.
 *
 * @param message - says what is waited for; undefined while nothing is late
 * @returns a function to call when the wait is over
 */
export function warnOnceLate(message: () => string | undefined): () => void {
  return whenLate(() => {
    const what = message();
    if (what !== undefined) warnOfSlowStart(what);
    return what !== undefined;
  });
}
