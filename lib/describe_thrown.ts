import { inspect, type InspectOptions } from 'node:util';

/** What was thrown, for a person; it may be anything, also what cannot be looked at. */
export function describeThrown(thrown: unknown, options?: InspectOptions): string {
  try {
    return inspect(thrown, options);
  } catch {
    // With a broken Error.prepareStackTrace no stack can be read.
  }
  try {
    const { name, message } = thrown as Error;
    return `${name}: ${message}`;
  } catch {
    return 'something that cannot be described';
  }
}
