/** Returns the result of `read`, or undefined if it throws: of an object of the program, or of a file that may be missing. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
