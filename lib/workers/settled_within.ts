/** Waits with a deadline. */

import { longestTimer } from '../futures/wait_limits.js';

/**
 * Resolves to undefined if the promise is not settled within the deadline, in milliseconds.
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
