/** Waits that end. */

// A longer one (25 days) would overflow and fire at once.
const longestTimer = 2 ** 31 - 1;

/**
 * Undefined if the promise is not settled within the deadline, in milliseconds.
 *
 * @param keepAlive - whether the program goes on for the sake of this wait
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
