import { inspect, type InspectOptions } from 'node:util';

/** Text for a person about anything that was thrown, also about a value that throws when it is looked at. */
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
