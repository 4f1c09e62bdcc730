/**
 * Objects without internal slots: plain objects, objects without prototype, and instances of classes. Nearly all
 * objects are of these kinds; the drivers write and read them without using the table.
 */

import { codes, codeWord, variants } from '../wire/codes.js';
import { hiddenKey, nameOfKey, refuseHiddenState } from '../refusing/hidden_state.js';
import { refuse, Refusal, refuseKind, withArticle } from '../refusing/refusals.js';
import { writeFunction } from './function.js';
import { isEnvironment } from '../environment.js';
import { defineKind } from './define_kind.js';
import type { JsonValueWriter, Kind, Prototype, ValueWriter } from './kind.js';
import { longestInJson } from './primitive.js';

/** Objects made by `{}`, and objects without prototype. */
export const plainObject = defineKind<Record<string, unknown>>({
  code: codes.object,
  classes: ['Object'],
  is: isWithoutTag,
  readHead: () => ({}),
  content: 'always',
  inline: true,
  writeContent: writePlainObject,
  readContent: (input, object) => input.ownProperties(object),
  json: { prototype: Object.prototype, write: jsonOfRecord },
});

/** Instances of the program's classes. They have the code of plain objects, and the class is in the head. */
export const instance = defineKind({
  code: codes.object,
  readHead: () => ({}),
  content: 'always',
  inline: true,
  writeContent: writeInstance,
});

/** `process.env`. It has the code of plain objects, and arrives as one. */
const environment = defineKind({
  code: codes.object,
  readHead: () => ({}),
  content: 'always',
  inline: true,
  writeContent(out, variables) {
    writePlainObject(out, { ...variables });
  },
});

/** True if `object` has neither internal slots with a class name of their own nor a Symbol.toStringTag. */
export function isWithoutTag(object: object): boolean {
  return Object.prototype.toString.call(object) === '[object Object]';
}

/**
 * Writes [class, for an instance].
 *
 * @param hasSlots - true if the object has slots that cannot be sent
 * @returns the kind of this file that the object has
 */
export function writeObjectHead(
  out: ValueWriter,
  object: object,
  prototype: Prototype | null,
  hasSlots: boolean,
): Kind {
  const isOfClass = prototype !== null && !prototype.builtIn && prototype.ofClass !== undefined;
  if (!hasSlots && isOfClass && prototype.kind === plainObject) {
    const ofClass = out.memo.classOf(object, prototype);
    out.word(codeWord(codes.object, variants.ofClass));
    writeFunction(out, ofClass);
    return instance;
  }
  if (isEnvironment(object)) {
    out.word(codeWord(codes.object));
    return environment;
  }
  if (hasSlots) throw refuseKind(object);
  if (prototype !== null && !prototype.plain) throw refuseObject(out, object, prototype);
  out.word(codeWord(codes.object, prototype === null ? variants.null : variants.usual));
  return plainObject;
}

function refuseObject(out: ValueWriter, object: object, prototype: Prototype): Refusal {
  const above = Object.getPrototypeOf(object) as object;
  if (prototype.ofClass === undefined && Object.hasOwn(above, Symbol.toStringTag))
    return refuseKind(object);
  const nearest = nearestBuiltIn(prototype);
  if (nearest === undefined || nearest.plain) {
    out.memo.classOf(object, prototype);
    return new Refusal(
      object,
      'an object whose prototype belongs to no class cannot be sent; send a plain copy: { ...object }',
    );
  }
  if (nearest.kind !== undefined)
    return new Refusal(
      object,
      `${withArticle(nearest.name)} that its constructor has not made cannot be sent`,
    );
  if (nearest === prototype) return refuseKind(object);
  const { reason } = refuse(object, nearest.name);
  return new Refusal(
    object,
    `${withArticle(prototype.name)} is ${withArticle(nearest.name)}; ${reason}`,
  );
}

function nearestBuiltIn(prototype: Prototype): Prototype | undefined {
  for (let each: Prototype | null = prototype; each !== null; each = each.parent)
    if (each.builtIn) return each;
  return undefined;
}

/** Writes [properties]. */
export function writePlainObject(out: ValueWriter, object: object): void {
  const { at } = out;
  const record = out.memo.asRead(object);
  out.properties(record, Object.keys(record));
  if (out.at > at + 1) return;
  out.refuseSlots(object);
  refuseEmpty(object);
}

// An object whose state is all hidden would arrive empty.
function refuseEmpty(object: object): void {
  const key = hiddenKey(object, plainObject);
  if (key !== undefined)
    throw new Refusal(
      object,
      `an object that has only ${nameOfKey(key)} cannot be sent: it would arrive empty`,
    );
}

function writeInstance(out: ValueWriter, object: object): void {
  const { at } = out;
  const keys = Object.keys(object);
  const losesSymbols = out.properties(object, keys);
  if (losesSymbols || Object.getOwnPropertyNames(object).length !== keys.length)
    refuseHiddenState(object, instance);
  if (out.at === at + 1) out.refuseSlots(object);
}

function jsonOfRecord(out: JsonValueWriter, record: Record<string, unknown>): string | undefined {
  if (!isWithoutTag(record)) return undefined;
  const keys = Object.keys(record);
  // Not Reflect.ownKeys, which knows both: it takes a third more time for a small object.
  if (Object.getOwnPropertyNames(record).length !== keys.length) return undefined;
  if (Object.getOwnPropertySymbols(record).length > 0) return undefined;
  if (keys.length === 0 && out.hasSlots(record)) return undefined;
  const read = out.begin(record, keys);
  let text = '';
  for (const key of keys) {
    if (key === '__proto__' || key.length > longestInJson) return undefined;
    const value = record[key];
    read.add(value);
    const valueText = out.write(value);
    if (valueText === undefined) return undefined;
    text += `${text === '' ? '' : ','}${stringify(key)}:${valueText}`;
  }
  return `{${text}}`;
}

// As it was before any task could replace it.
const { stringify } = JSON;
