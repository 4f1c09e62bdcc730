/** Returns the result of `read`, or undefined if it throws, as reading an object of the program may. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
