/** Primitive values in objects: `Object(1)`. */

import { types } from 'node:util';

import { damaged } from '../wire/damage.js';
import { keysBesideElements, visitProperties } from '../own_properties.js';
import { atText } from '../refusing/steps.js';
import { defineKind } from './define_kind.js';

/** Boxed primitive values. The characters of a boxed string are its properties. */
export const boxed = defineKind({
  code: 27,
  classes: ['Boolean', 'Number', 'String', 'BigInt', 'Symbol'],
  hasSlots: types.isBoxedPrimitive,
  writeHead: (out, object) => out.value(primitiveOf(object)),
  readHead: (input) => box(input.value()),
  ownKeys,
  hasElements: true,
  visitChildren(object, visit, memo) {
    visit(primitiveOf(object), atText(''));
    const read = memo.asRead(object);
    visitProperties(read, visit, ownKeys(read));
  },
});

function primitiveOf(object: object): unknown {
  if (types.isNumberObject(object)) return Number.prototype.valueOf.call(object);
  if (types.isStringObject(object)) return String.prototype.valueOf.call(object);
  if (types.isBooleanObject(object)) return Boolean.prototype.valueOf.call(object);
  if (types.isBigIntObject(object)) return BigInt.prototype.valueOf.call(object);
  return Symbol.prototype.valueOf.call(object);
}

function box(value: unknown): object {
  const isPrimitive = typeof value !== 'function' && (typeof value !== 'object' || value === null);
  if (!isPrimitive) throw damaged('a boxed value is invalid');
  return Object(value) as object;
}

function ownKeys(object: object): readonly string[] {
  return types.isStringObject(object)
    ? keysBesideElements(object, object.length)
    : Object.keys(object);
}
