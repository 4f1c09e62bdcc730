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

/** The class with this number; where this Node.js has none, Error. */
export function errorType(number: number): ErrorType {
  return globals[errorNames[number] ?? ''] ?? globals.Error!;
}

/** Says something in the stack of an error: above the frames, since those at the end are looked at later. */
export function withNote(stack: string, note: string): string {
  const firstFrame = stack.search(/\n\s+at /);
  const at = firstFrame < 0 ? stack.length : firstFrame;
  return `${stack.slice(0, at)}\n    (${note})${stack.slice(at)}`;
}

/** Makes an error of the type with this number, without anything of its own. */
export function createError(number: number): Error {
  const type = errorType(number);
  const frames = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = new type([]);
  Error.stackTraceLimit = frames;
  for (const key of Object.getOwnPropertyNames(error)) Reflect.deleteProperty(error, key);
  return error;
}
