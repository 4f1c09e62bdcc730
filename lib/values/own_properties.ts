/** The properties that objects have besides their content. */

import { inspect } from 'node:util';

import type { Kind } from './kinds/kind.js';
import { isSentKey } from './kinds/symbol.js';
import { atProperty, atText, type Visit } from './refusing/steps.js';

/** Above this many elements it is cheaper to ask `inspect` first whether there are any properties. */
const manyElements = 128;

/** Keys of the properties that `object` has besides its content. */
export function keysOf(object: object, kind: Kind): readonly string[] {
  return kind.ownKeys === undefined ? Object.keys(object) : kind.ownKeys(object);
}

/** Keys of the own enumerable properties of `object` that are not elements. */
export function keysBesideElements(object: object, length: number): readonly string[] {
  if (length > manyElements && hasOnlyElements(object, length)) return noKeys;
  const keys = Object.keys(object);
  // Elements come first.
  let first = keys.length;
  while (first > 0 && !isIndex(keys[first - 1]!)) first--;
  return first === keys.length ? noKeys : keys.slice(first);
}

const noKeys: readonly string[] = [];
const options = { maxArrayLength: 0, depth: 0, customInspect: false, breakLength: Infinity };

// The language has no way to list the properties of an array without its elements, which takes long if there are many.
// Returns false also if this is unknown.
function hasOnlyElements(object: object, length: number): boolean {
  try {
    const text = inspect(object, options);
    const end = `[ ... ${length} more items ]`;
    return text.endsWith(end) && !text.slice(0, -end.length).includes('[ ');
  } catch {
    return false;
  }
}

function isIndex(key: string): boolean {
  const number = Number(key);
  return number >= 0 && number < 2 ** 32 - 1 && String(number) === key && Number.isInteger(number);
}

/** Defines an own property, even where a setter or a frozen prototype would intercept or reject the assignment. */
export function setProperty(object: object, key: string | symbol, value: unknown): void {
  if (key in object)
    Object.defineProperty(object, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  else (object as Record<string | symbol, unknown>)[key] = value;
}

/**
 * Visits the properties `keys` of `object`, and its symbol properties that are sent. Getters that throw are skipped.
 */
export function visitProperties(
  object: object,
  visit: Visit,
  keys: readonly string[] = Object.keys(object),
): void {
  const symbols = Object.getOwnPropertySymbols(object).filter((key) => isSentKey(object, key));
  for (const key of [...keys, ...symbols]) {
    let value: unknown;
    try {
      value = (object as Record<string | symbol, unknown>)[key];
    } catch {
      continue;
    }
    if (typeof key === 'symbol') visit(key, atText(`, the key ${String(key)}`));
    visit(value, atProperty(key));
  }
}
