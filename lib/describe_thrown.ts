import { inspect, type InspectOptions } from 'node:util';

/** Describes a thrown value in readable text, even one that throws when it is inspected. */
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
