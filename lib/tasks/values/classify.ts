/** What an object is, by its internal slots: they are the same in all realms and cannot be pretended. */

import { types } from 'node:util';

import { codes } from './codes.js';
import { nameOf, refuse, type Refusal } from './refusals.js';
import type { Prototype } from './prototypes.js';
import { getterOf } from './views.js';

/** `[object Object]` for one without slots that have a name, unless it says something else of itself. */
export function tagOf(object: object): string {
  return Object.prototype.toString.call(object);
}

/**
 * The code of what `object` is: `codes.object` for one without slots, undefined for one with slots that cannot be sent.
 * What its prototype says is tried first, being nearly always so.
 */
export function kindOf(object: object, prototype: Prototype | null): number | undefined {
  const kind = prototype?.kind;
  return kind !== undefined && isOfKind(object, kind) ? kind : kindBySlots(object);
}

function isOfKind(object: object, kind: number): boolean {
  switch (kind) {
    case codes.object:
      return tagOf(object) === '[object Object]';
    case codes.array:
      return Array.isArray(object);
    case codes.map:
      return types.isMap(object);
    case codes.set:
      return types.isSet(object);
    case codes.date:
      return types.isDate(object);
    case codes.regExp:
      return types.isRegExp(object);
    case codes.boxed:
      return types.isBoxedPrimitive(object);
    case codes.error:
      return types.isNativeError(object) || kindBySlots(object) === codes.object;
    case codes.view:
      return ArrayBuffer.isView(object);
    case codes.arrayBuffer:
      return types.isArrayBuffer(object);
    case codes.url:
      return answers(href, object);
    case codes.urlSearchParams:
      return answers(searchParamsSize, object);
    case codes.domException:
      return answers(domExceptionCode, object);
    default:
      return false;
  }
}

/** The same without regard to the prototype. */
export function kindBySlots(object: object): number | undefined {
  if (Array.isArray(object)) return codes.array;
  if (types.isMap(object)) return codes.map;
  if (types.isSet(object)) return codes.set;
  if (types.isDate(object)) return codes.date;
  if (types.isRegExp(object)) return codes.regExp;
  if (types.isNativeError(object)) return codes.error;
  if (ArrayBuffer.isView(object)) return codes.view;
  if (types.isArrayBuffer(object)) return codes.arrayBuffer;
  if (types.isArgumentsObject(object)) return codes.arguments;
  if (types.isBoxedPrimitive(object)) return codes.boxed;
  return hasOtherSlots(object) ? undefined : codes.object;
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

/** The refusal of an object that is none of the kinds that can be sent. */
export function refuseKind(object: object): Refusal {
  if (types.isProxy(object)) return refuse(object, 'Proxy');
  if (types.isSharedArrayBuffer(object)) return refuse(object, 'SharedArrayBuffer');
  if (types.isPromise(object)) return refuse(object, 'Promise');
  if (types.isModuleNamespaceObject(object)) return refuse(object, 'module namespace');
  return refuse(object, nameOf(object));
}

const href = getterOf(URL.prototype, 'href');
const searchParamsSize = getterOf(URLSearchParams.prototype, 'size');
const domExceptionCode = getterOf(DOMException.prototype, 'code');

function answers(getter: () => unknown, object: object): boolean {
  try {
    Reflect.apply(getter, object, []);
    return true;
  } catch {
    return false;
  }
}
