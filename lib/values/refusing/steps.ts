/** The steps from an object to the values that it holds. */

import { isSentKey } from '../kinds/symbol.js';

/** A step from an object to one of the values that it holds. */
export type Step =
  | { readonly by: 'property'; readonly key: string | symbol }
  | { readonly by: 'text'; readonly text: string };

/** Called with each value that an object holds. */
export type Visit = (value: unknown, step: Step) => void;

/** The step to the value of a property. */
export function atProperty(key: string | symbol): Step {
  return { by: 'property', key };
}

/** A step that is not a property, as messages give it: `, key 1`. */
export function atText(text: string): Step {
  return { by: 'text', text };
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
