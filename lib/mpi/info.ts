/** Hints for MPI. */

import { argumentTypeError } from '../argument_errors.js';

/**
 * An MPI_Info: keys and values, both strings. A Map that can also be made of an object; numbers and booleans become
 * strings.
 */
export class Info extends Map<string, string> {
  /** @throws {TypeError} for an argument that is neither an object nor an iterable of pairs */
  constructor(entries?: InfoLike | null) {
    super();
    if (entries === undefined || entries === null) return;
    for (const [key, value] of pairsOf(entries)) this.set(key, value as string);
  }

  override set(key: string, value: string | number | boolean): this {
    if (typeof key !== 'string' || key === '') {
      throw argumentTypeError('a non-empty string', 'a key of info', key);
    }
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      throw argumentTypeError('a string, a number or a boolean', `${key} of info`, value);
    }
    return super.set(key, String(value));
  }
}

/** A value of an Info, which becomes a string. */
export type InfoValue = string | number | boolean;

/** The argument of the constructor of Info. */
export type InfoLike = Readonly<Record<string, InfoValue>> | Iterable<readonly [string, InfoValue]>;

function pairsOf(entries: unknown): Iterable<readonly [string, unknown]> {
  if (typeof entries !== 'object' || entries === null) {
    throw argumentTypeError('an object or an iterable of pairs', 'info', entries);
  }
  return Symbol.iterator in entries
    ? (entries as Iterable<[string, unknown]>)
    : Object.entries(entries);
}
