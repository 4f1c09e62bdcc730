/**
 * Checks of arguments and options, made once, where they enter the package. Each throws a
 * `TypeError` (`ERR_INVALID_ARG_TYPE`) or a `RangeError` (`ERR_OUT_OF_RANGE`) that names the
 * argument and what was received.
 */
import { argumentRangeError, argumentTypeError, describeValue } from './argument_errors.js';
import { closestName } from './closest_name.js';

/** The names of the options that a function or class accepts. */
export interface KnownOptions {
  /** The function or class that accepts them, for the message: `map`. */
  of: string;
  names: readonly string[];
  /**
   * Names that other libraries use for the same option, e.g. `{ wdir: 'cwd' }`: not accepted, but explained in the
   * message.
   */
  synonyms?: Readonly<Record<string, string>>;
}

/** An object with known options only; the `TypeError` for an unknown one suggests the closest name. */
export function validateOptions(options: unknown, known: KnownOptions): asserts options is object {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw argumentTypeError('an object', `the options of ${known.of}`, options);
  }
  for (const name of Object.keys(options)) {
    if (!known.names.includes(name)) throw unknownOptionError(name, known);
  }
}

/** An integer from 1 on. */
export function validatePositiveInteger(value: unknown, name: string): asserts value is number {
  if (typeof value !== 'number') throw argumentTypeError('a positive integer', name, value);
  const isPositiveInteger = Number.isSafeInteger(value) && value > 0;
  if (!isPositiveInteger) throw argumentRangeError('a positive integer', name, value);
}

/** A time to wait, in milliseconds: from 0 to Infinity. */
export function validateTimeout(value: unknown, name: string): asserts value is number {
  const expected = 'a number of milliseconds, 0 or more,';
  if (typeof value !== 'number') throw argumentTypeError(expected, name, value);
  if (!(value >= 0)) throw argumentRangeError(expected, name, value);
}

/** A length of time, in milliseconds: more than 0, to Infinity. */
export function validateDuration(value: unknown, name: string): asserts value is number {
  const expected = 'a number of milliseconds, more than 0,';
  if (typeof value !== 'number') throw argumentTypeError(expected, name, value);
  if (!(value > 0)) throw argumentRangeError(expected, name, value);
}

/** `true` or `false`, nothing that is merely truthy. */
export function validateBoolean(value: unknown, name: string): asserts value is boolean {
  if (typeof value !== 'boolean') throw argumentTypeError('a boolean', name, value);
}

/** A string. */
export function validateString(value: unknown, name: string): asserts value is string {
  if (typeof value !== 'string') throw argumentTypeError('a string', name, value);
}

/** Anything that can be called. */
export function validateFunction(
  value: unknown,
  name: string,
): asserts value is (...args: never[]) => unknown {
  if (typeof value !== 'function') throw argumentTypeError('a function', name, value);
}

/** Anything that `for of` takes. */
export function validateIterable(
  value: unknown,
  name: string,
  elements: string,
): asserts value is Iterable<unknown> {
  const isIterable =
    value !== null &&
    value !== undefined &&
    typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function';
  if (!isIterable) throw argumentTypeError(`an iterable of ${elements}`, name, value);
}

/** An AbortSignal, of this realm or of another. */
export function validateAbortSignal(value: unknown, name: string): asserts value is AbortSignal {
  const isSignal =
    typeof value === 'object' &&
    value !== null &&
    'aborted' in value &&
    ['addEventListener', 'removeEventListener'].every(
      (name) => typeof (value as Record<string, unknown>)[name] === 'function',
    );
  if (!isSignal) throw argumentTypeError('an AbortSignal', name, value);
}

/** One of a list of words. */
export function validateOneOf<T extends string>(
  value: unknown,
  name: string,
  words: readonly T[],
): asserts value is T {
  const expected = `one of ${words.map(describeValue).join(', ')}`;
  if (!words.includes(value as T)) throw argumentTypeError(expected, name, value);
}

function unknownOptionError(name: string, { of, names, synonyms = {} }: KnownOptions): TypeError {
  const meant = Object.hasOwn(synonyms, name) ? synonyms[name] : closestName(name, names);
  const advice =
    meant === undefined ? `the options are ${names.join(', ')}` : `did you mean ${meant}?`;
  const mismatch = `Expected a known option for ${of} but received ${describeValue(name)}`;
  return Object.assign(new TypeError(`${mismatch}: ${advice}`), { code: 'ERR_UNKNOWN_OPTION' });
}
