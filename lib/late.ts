/** Tells of a wait that is long, since waits of its kind are short as a rule. */

/** Seconds after which a wait is long. */
export const slow = 10;

/**
 * Calls `tell` when a wait is long, each second until it returns true.
 *
 * @returns a function to call when the wait is over
 */
export function whenLate(tell: () => boolean): () => void {
  let seconds = 0;
  // Counts ticks instead of time: while this thread computes, or the machine sleeps, nothing is received either.
  const clock = setInterval(() => {
    if (++seconds >= slow && tell()) clearInterval(clock);
  }, 1000).unref(); // the pool says how long the program goes on
  return () => {
    clearInterval(clock);
  };
}
