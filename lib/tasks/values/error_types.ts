/** The error classes of the language. */

type ErrorType = new (errors: unknown) => Error;

const globals = globalThis as unknown as Record<string, ErrorType | undefined>;

/** By number. SuppressedError is newer than some Node.js. */
export const errorNames: readonly string[] = [
  'Error',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
  'AggregateError',
  'SuppressedError',
];

/** The properties of errors that are not enumerable, in the order of the bits that say which of them follow. */
export const errorFields = ['name', 'message', 'stack', 'cause', 'errors', 'error', 'suppressed'];

/** Makes an error of the type with this number, without anything of its own. */
export function createError(number: number): Error {
  const type = globals[errorNames[number] ?? ''] ?? globals.Error!;
  const frames = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = new type([]);
  Error.stackTraceLimit = frames;
  for (const key of Object.getOwnPropertyNames(error)) Reflect.deleteProperty(error, key);
  return error;
}
