/** Sends errors of tasks from a worker to the master. */

import { attempt } from '../attempt.js';
import { describeThrown } from '../describe_thrown.js';
import { DataCloneError } from '../errors.js';
import type { EncodedValue } from '../values/encoded_value.js';
import { hideProperty } from '../hidden_property.js';
import { withoutOwnFrames } from '../own_frames.js';

/**
 * Encodes a thrown value of any kind. If an error cannot be sent as it is, its name, message and stack are sent. In
 * place of any other value that cannot be sent, a DataCloneError describes it.
 *
 * @param encode - throws for values that cannot be encoded; omits what it can from errors
 */
export function encodeThrown(
  thrown: unknown,
  encode: (value: unknown) => EncodedValue,
): EncodedValue {
  try {
    return encode(thrown);
  } catch (reason) {
    return encode(isError(thrown) ? summary(thrown) : refused(thrown, reason));
  }
}

function summary(error: Error): Error {
  const result = new (builtInClassOf(error))(textOf(error, 'message', ''));
  hideProperty(result, 'stack', textOf(error, 'stack', ''));
  const name = textOf(error, 'name', 'Error');
  if (result.name !== name) hideProperty(result, 'name', name);
  return result;
}

function refused(thrown: unknown, reason: unknown): Error {
  const what = describeThrown(thrown, { depth: 1, maxArrayLength: 10, maxStringLength: 1000 });
  const why = attempt(() => String((reason as { message?: unknown }).message));
  return new DataCloneError(
    `A task threw ${what}, which cannot be sent: ${why ?? 'it cannot be read'}`,
  );
}

/**
 * Adds the place where it was thrown to the stack of a received error: `at worker 1 of 4 on node7`. Removes this
 * package's own frames from that stack, and from those of the errors inside it.
 */
export function addPlace(error: unknown, where: string): unknown {
  if (!isError(error)) return error;
  const found = new Set<Error>([error]);
  for (const each of found) {
    for (const inner of innerErrors(each)) if (found.size < mostErrors) found.add(inner);
    const stack = attempt(() => each.stack as unknown) ?? '';
    if (typeof stack !== 'string' && each !== error) continue; // made by the program's Error.prepareStackTrace
    const text = typeof stack === 'string' ? withoutOwnFrames(stack) : textOf(each, 'stack', '');
    const changed = each === error ? `${text === '' ? titleOf(each) : text}\n    ${where}` : text;
    try {
      if (changed !== stack) hideProperty(each, 'stack', changed);
    } catch {
      // The stack cannot be changed.
    }
  }
  return error;
}

/** The first line of a stack, for an error without one: the place alone would say nothing of the error. */
function titleOf(error: Error): string {
  return attempt(() => Error.prototype.toString.call(error)) ?? 'Error';
}

/** The largest number of errors in one that are changed; others keep their stacks. */
const mostErrors = 100;

function innerErrors(error: Error): Error[] {
  // Reads data properties only, so that no getter of the program is called.
  const own = (key: string): unknown =>
    attempt(() => Object.getOwnPropertyDescriptor(error, key)?.value as unknown);
  const list = own('errors');
  const inner = [own('cause'), own('suppressed'), own('error')];
  return [...inner, ...(Array.isArray(list) ? (list as unknown[]) : [])].filter(isError);
}

function isError(value: unknown): value is Error {
  return attempt(() => value instanceof Error) === true;
}

const builtIn = [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];

function builtInClassOf(error: Error): ErrorConstructor {
  return (
    builtIn.find((constructor) => attempt(() => error instanceof constructor) === true) ?? Error
  );
}

// The property is declared as a string, but a program may have assigned anything to it.
function textOf(error: Error, key: 'name' | 'message' | 'stack', otherwise: string): string {
  return attempt(() => String(error[key] as unknown)) ?? otherwise;
}
