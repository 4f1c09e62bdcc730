/**
 * State that is not sent: properties that are not enumerable, or whose key is a symbol of this process only. An
 * instance with such state would arrive without it, and fail somewhere in the middle of a task; so it is refused. A
 * plain object loses such properties, as in a structured clone, unless it has no others.
 */

import { EventEmitter } from 'node:events';

import { codes } from '../wire/codes.js';
import { openOrPack } from './explanations.js';
import { nameOf, Refusal, withArticle } from './refusals.js';
import type { Kind } from '../kinds/kind.js';
import { isSentKey } from '../kinds/symbol.js';

/** Properties that Node.js gives to every EventEmitter, and can do without. */
const ofEventEmitters = new Set<PropertyKey>([
  ...Object.getOwnPropertySymbols(new EventEmitter()),
  'domain',
]);
/** Properties that the language gives to arrays and regular expressions. */
const ofLanguage = new Set<PropertyKey>(['length', 'lastIndex']);

/** Above this many elements only symbols are checked, because listing all keys takes a long time. */
const manyElements = 128;

/** The first own key of `object` whose property is not sent. */
export function hiddenKey(object: object, kind: Kind): PropertyKey | undefined {
  for (const symbol of Object.getOwnPropertySymbols(object))
    if (!isSentKey(object, symbol) && !ofEventEmitters.has(symbol)) return symbol;
  if (kind.hasElements === true && (object as { length: number }).length > manyElements)
    return undefined;
  return Object.getOwnPropertyNames(object).find(
    (name) =>
      !isEnumerable(object, name) &&
      !ofEventEmitters.has(name) &&
      !isMadeByClass(object, name) &&
      (kind.code === codes.object || !ofLanguage.has(name)),
  );
}

/** True if the class has a method or an accessor of that name: the property is a cached value that it makes anew. */
function isMadeByClass(object: object, name: string): boolean {
  let above = Object.getPrototypeOf(object) as object | null;
  for (; above !== null; above = Object.getPrototypeOf(above) as object | null) {
    const property = Object.getOwnPropertyDescriptor(above, name);
    if (property !== undefined)
      return property.get !== undefined || typeof property.value === 'function';
  }
  return false;
}

/** @throws {Refusal} for an instance that would lose state */
export function refuseHiddenState(object: object, kind: Kind): void {
  const key = hiddenKey(object, kind);
  if (key === undefined) return;
  throw new Refusal(
    object,
    `${withArticle(nameOf(object))} cannot be sent: it would lose ${nameOfKey(key)}; ${openOrPack}`,
  );
}

/** A key in the form that messages use. */
export function nameOfKey(key: PropertyKey): string {
  return typeof key === 'symbol' ? String(key) : `the hidden property ${JSON.stringify(key)}`;
}

function isEnumerable(object: object, key: PropertyKey): boolean {
  return Object.prototype.propertyIsEnumerable.call(object, key);
}
