/** What objects of the language hold, and the properties that they have besides. */

import { inspect, types } from 'node:util';

import { codes } from './codes.js';
import { indexCount } from './views.js';

/** Above this many elements it is cheaper to ask `inspect` first whether there are any. */
const manyElements = 128;

/** Keys of the properties that `object` has besides its content. */
export function ownKeys(object: object, kind: number): readonly string[] {
  if (kind === codes.view) return keysBesideElements(object, indexCount(object as ArrayBufferView));
  if (types.isStringObject(object)) return keysBesideElements(object, object.length);
  return Object.keys(object);
}

/** What is in a boxed primitive. */
export function primitiveOf(object: object): unknown {
  if (types.isNumberObject(object)) return Number.prototype.valueOf.call(object);
  if (types.isStringObject(object)) return String.prototype.valueOf.call(object);
  if (types.isBooleanObject(object)) return Boolean.prototype.valueOf.call(object);
  if (types.isBigIntObject(object)) return BigInt.prototype.valueOf.call(object);
  return Symbol.prototype.valueOf.call(object);
}

/** Keys of the own enumerable properties of `object` that are no elements. */
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

// Nothing of the language lists the properties of an array without its elements, which takes a long time where there are
// many. False also where it cannot be told.
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
