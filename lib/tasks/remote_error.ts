/** Errors of tasks on their way from a worker to the master. */

import type { EncodedValue } from './encoded_value.js';

/** More errors than this, with causes and `errors`, are not sent in one that has to be taken apart. */
const mostErrors = 100;

/**
 * Encodes what was thrown, whatever it is: parts of it that cannot be read, or cannot travel, are left out.
 *
 * @param encode - throws for what cannot be encoded
 */
export function encodeThrown(
  thrown: unknown,
  encode: (value: unknown) => EncodedValue,
): EncodedValue {
  try {
    return encode(thrown);
  } catch {
    // With less and less of it.
  }
  try {
    return encode(portable(thrown, encode));
  } catch {
    return encode(new Error(safely(() => String(thrown), 'an unknown value')));
  }
}

/** A copy without what cannot travel. */
function portable(thrown: unknown, encode: (value: unknown) => EncodedValue): unknown {
  const copies = new Map<unknown, unknown>();

  function canTravel(value: unknown): boolean {
    try {
      encode(value);
      return true;
    } catch {
      return false;
    }
  }

  function copy(value: unknown): unknown {
    if (copies.has(value)) return copies.get(value);
    if (!safely(() => value instanceof Error, false))
      return canTravel(value) ? value : safely(() => String(value), 'an unknown value');
    return copies.size < mostErrors ? copyError(value as Error) : undefined;
  }

  function copyError(error: Error): Error {
    const errors = safely(() => (error as { errors?: unknown }).errors, undefined);
    const message = textOf(error, 'message', '');
    const result = Array.isArray(errors)
      ? new AggregateError([], message)
      : new (builtInClassOf(error))(message);
    copies.set(error, result);
    hidden(result, 'stack', textOf(error, 'stack', ''));
    const name = textOf(error, 'name', 'Error');
    if (result.name !== name) hidden(result, 'name', name);
    const cause = copy(safely(() => error.cause, undefined));
    if (cause !== undefined) hidden(result, 'cause', cause);
    if (Array.isArray(errors)) hidden(result, 'errors', errors.map(copy));
    return Object.assign(result, propertiesOf(error));
  }

  function propertiesOf(error: Error): Record<string, unknown> {
    const properties: Record<string, unknown> = {};
    for (const key of safely(() => Object.keys(error), [])) {
      if (['name', 'message', 'stack', 'cause', 'errors', '__proto__'].includes(key)) continue;
      const value = safely(() => (error as unknown as Record<string, unknown>)[key], undefined);
      if (canTravel(value)) properties[key] = value;
    }
    return properties;
  }

  return copy(thrown);
}

/** Adds to the stack of an error where it was thrown: `at worker 1 of 4 on node7`. */
export function addPlace(error: unknown, where: string): unknown {
  if (!safely(() => error instanceof Error, false)) return error;
  const stack = safely(() => (error as Error).stack, undefined) ?? '';
  try {
    hidden(error as Error, 'stack', `${stack}\n    ${where}`);
  } catch {
    // It does not want to be changed.
  }
  return error;
}

const builtIn = [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];

function builtInClassOf(error: Error): ErrorConstructor {
  return builtIn.find((constructor) => safely(() => error instanceof constructor, false)) ?? Error;
}

// What is declared a string may be anything: it can be assigned to.
function textOf(error: Error, key: 'name' | 'message' | 'stack', otherwise: string): string {
  return safely(() => String(error[key] as unknown), otherwise);
}

function hidden(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, {
    value,
    writable: true,
    configurable: true,
    enumerable: false,
  });
}

function safely<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
