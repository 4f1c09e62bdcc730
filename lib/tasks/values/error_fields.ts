/** The properties of errors that are not enumerable. */

import { codes } from './codes.js';
import type { Encoder } from './encoder.js';
import { errorFields, errorNames, withNote } from './error_types.js';
import type { Knowledge } from './knowledge.js';
import type { Prototype } from './prototypes.js';

/** The number of the nearest error class of the language. */
export function errorNumberOf(prototype: Prototype | null): number {
  for (let each = prototype; each !== null; each = each.parent) {
    if (!each.builtIn) continue;
    const number = errorNames.indexOf(each.name);
    if (number >= 0) return number;
  }
  return 0;
}

/** Whether it is the prototype of a class of the language. */
export function isOfLanguage(prototype: Prototype): boolean {
  return prototype.builtIn && errorNames.includes(prototype.name);
}

/** Writes [which fields][the fields][properties]. What cannot be read is left out. */
export function writeErrorContent(out: Encoder, error: object): void {
  const fields = fieldsOf(error, out.knowledge);
  out.reserve(1);
  const maskAt = out.at++;
  let mask = 0;
  for (const [bit, field] of errorFields.entries()) {
    if (!fields.has(field)) continue;
    mask |= 1 << bit;
    out.value(fields.get(field));
  }
  out.words[maskAt] = mask;
  const properties = readableProperties(error, out.knowledge);
  out.properties(properties, Object.keys(properties), error);
}

/** The fields that are sent of `error`. */
export function fieldsOf(error: object, knowledge: Knowledge): ReadonlyMap<string, unknown> {
  const fields = new Map<string, unknown>();
  for (const field of errorFields) {
    const own = attempt(() => Object.getOwnPropertyDescriptor(error, field));
    if (own === undefined || own.enumerable === true) continue;
    if (knowledge.isLeftOut(error, field)) continue;
    try {
      fields.set(field, (error as Record<string, unknown>)[field]);
    } catch {
      // Left out.
    }
  }
  if (losesItsClass(error, knowledge)) keepInherited(error, fields, knowledge);
  return fields;
}

function losesItsClass(error: object, knowledge: Knowledge): boolean {
  const above = Object.getPrototypeOf(error) as object | null;
  if (above === null) return false;
  const prototype = knowledge.prototypes.of(above);
  if (prototype.kind === codes.domException) return false;
  return !isOfLanguage(prototype) && !knowledge.canBeSent(error, prototype);
}

// What the class gave the error is kept as its own, and the stack says why the class is not.
function keepInherited(error: object, fields: Map<string, unknown>, knowledge: Knowledge): void {
  const prototype = knowledge.prototypes.of(Object.getPrototypeOf(error) as object);
  const usual = { name: errorNames[errorNumberOf(prototype)], message: '' };
  for (const field of ['name', 'message'] as const) {
    const value = attempt(() => (error as Error)[field]);
    if (!Object.hasOwn(error, field) && typeof value === 'string' && value !== usual[field])
      fields.set(field, value);
  }
  if (prototype.builtIn || prototype.whyNot === undefined) return;
  if (prototype.hasPrivateMembers && !fields.has('name') && !Object.hasOwn(error, 'name'))
    fields.set('name', prototype.name);
  const stack = fields.get('stack');
  if (typeof stack === 'string') fields.set('stack', withNote(stack, prototype.whyNot));
}

/** The own enumerable properties of `error` that can be read. */
export function readableProperties(error: object, knowledge: Knowledge): Record<string, unknown> {
  const properties = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(error)) {
    if (knowledge.isLeftOut(error, key)) continue;
    try {
      properties[key] = (error as Record<string, unknown>)[key];
    } catch {
      // Left out.
    }
  }
  return properties;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
