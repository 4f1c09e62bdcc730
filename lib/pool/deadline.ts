/** Waits that end. */

// A longer one (25 days) would overflow and fire at once.
const longestTimer = 2 ** 31 - 1;

/** Undefined if the promise is not settled within the deadline, in milliseconds. */
export async function settledWithin<T>(
  deadline: number,
  promise: Promise<T>,
): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, Math.min(deadline, longestTimer), undefined);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
