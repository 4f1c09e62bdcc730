/**
 * Sets how many frames the stacks of new errors have, and returns how many they had. Under `node --frozen-intrinsics`
 * they stay as they are.
 */
export function setStackFrames(count: number): number {
  const before = Error.stackTraceLimit;
  Reflect.set(Error, 'stackTraceLimit', count);
  return before;
}
