/**
 * The table of kinds of objects. Functions, symbols and primitive values also have files in this folder, but no row,
 * because `typeof` recognizes them.
 */

import { types } from 'node:util';

import { argumentsObject, array } from './array.js';
import { boxed } from './boxed.js';
import { arrayBuffer, view } from './buffer_view.js';
import { date, regExp } from './date_regexp.js';
import { domException, error } from './error.js';
import type { JsonForm, Kind, Prototype } from './kind.js';
import { map, set } from './map_set.js';
import { plainObject } from './object.js';
import { url, urlSearchParams } from './url.js';

/** The kinds in the order in which they are tried for an object whose prototype does not show its kind. */
export const kinds: readonly Kind[] = [
  plainObject,
  array,
  map,
  set,
  date,
  regExp,
  error,
  domException,
  view,
  arrayBuffer,
  argumentsObject,
  boxed,
  url,
  urlSearchParams,
];

const withSlots = kinds.filter((kind) => kind.hasSlots !== undefined);
const byClass = new Map(
  kinds.flatMap((kind) => (kind.classes ?? []).map((name): [string, Kind] => [name, kind])),
);
const byCode: (Kind | undefined)[] = [];
for (const kind of kinds) {
  if (byCode[kind.code] !== undefined) throw new Error(`Two kinds have the code ${kind.code}`);
  byCode[kind.code] = kind;
}

/** The kinds that have a form in JSON. */
export const jsonForms: readonly JsonForm<object>[] = kinds.flatMap(({ json }) => json ?? []);

/** The kind with this code, if there is one. */
export function kindOfCode(code: number): Kind | undefined {
  return byCode[code];
}

/**
 * The kind of objects whose nearest built-in prototype is that of the class of this name; undefined if it cannot be sent.
 */
export function kindOfClass(name: string): Kind | undefined {
  return byClass.get(name);
}

/**
 * The kind of `object`: `plainObject` for one without slots, undefined for one with slots that cannot be sent. The kind
 * that the prototype shows is tried first, since it is nearly always right.
 */
export function kindOf(object: object, prototype: Prototype | null): Kind | undefined {
  const kind = prototype?.kind;
  if (kind === undefined) return kindBySlots(object);
  if (kind.is === undefined ? kind.hasSlots!(object) : kind.is(object)) return kind;
  const bySlots = kindBySlots(object);
  // An error that is not made by its constructor has no slots.
  return kind === error && bySlots === plainObject ? error : bySlots;
}

/** The kind of `object` by its internal slots alone, whatever its prototype is. */
export function kindBySlots(object: object): Kind | undefined {
  for (const kind of withSlots) if (kind.hasSlots!(object)) return kind;
  return hasOtherSlots(object) ? undefined : plainObject;
}

function hasOtherSlots(object: object): boolean {
  return (
    types.isSharedArrayBuffer(object) ||
    types.isPromise(object) ||
    types.isWeakMap(object) ||
    types.isWeakSet(object) ||
    types.isGeneratorObject(object) ||
    types.isMapIterator(object) ||
    types.isSetIterator(object) ||
    types.isModuleNamespaceObject(object) ||
    types.isExternal(object) ||
    types.isKeyObject(object) ||
    types.isCryptoKey(object)
  );
}
