/** Returns the result of `read`, or undefined where it throws, as a look at an object of the program may. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
