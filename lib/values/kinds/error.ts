/**
 * Built-in errors and `DOMException`. Their properties that are not enumerable are sent by name; properties that cannot
 * be read are left out, as are the frames of the stack that show how this package called a task. If its class cannot be
 * sent, an error arrives as one of the nearest built-in class.
 */

import { types } from 'node:util';

import { attempt } from '../../attempt.js';
import { hideProperty } from '../../hidden_property.js';
import { withoutFramesOfCall } from '../../own_frames.js';
import { setStackFrames } from '../../stack_frames.js';
import type { AnyFunction } from '../functions_in_out.js';
import { answersTo, getterOf } from '../getters.js';
import { Refusal } from '../refusing/refusals.js';
import { atProperty, type Visit } from '../refusing/steps.js';
import { defineKind } from './define_kind.js';
import type { Kind, LostClass, Prototype, ValueMemo, ValueReader, ValueWriter } from './kind.js';

type ErrorType = new (errors: unknown) => Error;

const globals = globalThis as unknown as Record<string, ErrorType | undefined>;

/** The built-in classes by number, which is in the first word. Some versions of Node.js lack SuppressedError. */
const errorNames: readonly string[] = [
  'Error',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
  'AggregateError',
  'SuppressedError',
];

/** The properties of errors that are not enumerable, in the order of the bits that mark which of them follow. */
const errorFields = ['name', 'message', 'stack', 'cause', 'errors', 'error', 'suppressed'];

/** Errors of built-in classes and of the program's classes. */
export const error = defineKind({
  code: 28,
  classes: errorNames,
  hasSlots: types.isNativeError,
  argument: (_, prototype) => errorNumberOf(prototype),
  classOf: (error, prototype, memo) =>
    !isOfLanguage(prototype) && canBeSent(error, prototype, memo) ? prototype.ofClass : undefined,
  classInstead: nearestClass,
  readHead: (_, number) => createError(number),
  content: 'unmarked',
  writeContent: writeErrorContent,
  readContent: readErrorContent,
  visitChildren: visitError,
});

const codeOfDOMException = getterOf(DOMException.prototype, 'code');

/** Node.js's DOMException, whose code follows from its name. */
export const domException: Kind = defineKind<DOMException>({
  code: 29,
  classes: ['DOMException'],
  is: (object) => answersTo(codeOfDOMException, object),
  // Its hidden properties are Node.js's own.
  classOf: (exception, prototype, memo) => memo.classOfBuiltIn(exception, prototype, domException),
  writeHead(out, { name, message }) {
    out.text(name);
    out.text(message);
  },
  readHead(input) {
    const name = input.text();
    const exception = new DOMException(input.text(), name);
    Reflect.deleteProperty(exception, 'stack');
    return exception;
  },
  content: 'always',
  writeContent: writeErrorContent,
  readContent: readErrorContent,
});

/** The number of the nearest built-in error class. */
function errorNumberOf(prototype: Prototype | null): number {
  for (let each = prototype; each !== null; each = each.parent) {
    if (!each.builtIn) continue;
    const number = errorNames.indexOf(each.name);
    if (number >= 0) return number;
  }
  return 0;
}

/** The class with this number, or Error if this Node.js lacks it. */
function nearestClass(number: number): ErrorType & AnyFunction {
  return (globals[errorNames[number] ?? ''] ?? globals.Error!) as ErrorType & AnyFunction;
}

/** Makes an error of the class with this number, without any own properties. */
function createError(number: number): Error {
  const type = nearestClass(number);
  const frames = setStackFrames(0);
  const error = new type([]);
  setStackFrames(frames);
  for (const key of Object.getOwnPropertyNames(error)) Reflect.deleteProperty(error, key);
  return error;
}

/** Writes [which fields][the fields][properties]. */
function writeErrorContent(out: ValueWriter, error: object): void {
  const fields = fieldsOf(error, out.memo);
  out.reserve(1);
  const maskAt = out.at++;
  let mask = 0;
  for (const [bit, field] of errorFields.entries()) {
    if (!fields.has(field)) continue;
    mask |= 1 << bit;
    out.value(fields.get(field));
  }
  out.words[maskAt] = mask;
  const properties = readableProperties(error, out.memo);
  out.properties(properties, Object.keys(properties), error);
}

function readErrorContent(input: ValueReader, error: object): void {
  const mask = input.word();
  for (const [bit, field] of errorFields.entries())
    if ((mask & (1 << bit)) !== 0) hideProperty(error, field, input.value());
  const lost = input.lostClasses.get(error);
  if (lost !== undefined) sayLost(error, lost);
  input.properties(error);
}

/**
 * Writes down in an error that its class is missing, as the sender does for a class that cannot be sent: the name is
 * kept, and the stack gives the reason.
 */
function sayLost(error: object, { name, reason }: LostClass): void {
  if (name !== '' && !Object.hasOwn(error, 'name')) hideProperty(error, 'name', name);
  const { stack } = error as Error;
  const why = reason instanceof Error ? reason.message : String(reason);
  if (typeof stack === 'string') hideProperty(error, 'stack', withNote(stack, why));
}

function visitError(error: object, visit: Visit, memo: ValueMemo): void {
  for (const [field, value] of fieldsOf(error, memo)) visit(value, atProperty(field));
  const properties = readableProperties(error, memo);
  for (const key of Object.keys(properties)) visit(properties[key], atProperty(key));
}

/** The fields of `error` that are sent. */
function fieldsOf(error: object, memo: ValueMemo): ReadonlyMap<string, unknown> {
  const fields = new Map<string, unknown>();
  for (const field of errorFields) {
    const own = attempt(() => Object.getOwnPropertyDescriptor(error, field));
    if (own === undefined || own.enumerable === true) continue;
    if (memo.isLeftOut(error, field)) continue;
    try {
      fields.set(field, (error as Record<string, unknown>)[field]);
    } catch {
      // Left out.
    }
  }
  const stack = fields.get('stack');
  if (typeof stack === 'string') fields.set('stack', withoutFramesOfCall(stack));
  if (losesItsClass(error, memo)) keepInherited(error, fields, memo);
  return fields;
}

function losesItsClass(error: object, memo: ValueMemo): boolean {
  const above = Object.getPrototypeOf(error) as object | null;
  if (above === null) return false;
  const prototype = memo.prototypes.of(above);
  if (prototype.kind === domException) return false;
  return !isOfLanguage(prototype) && !canBeSent(error, prototype, memo);
}

/** True for the prototype of a built-in error class. */
export function isOfLanguage(prototype: Prototype): boolean {
  return prototype.builtIn && errorNames.includes(prototype.name);
}

/** True if errors of this class can be sent as such. This is tried once for each class of a value. */
function canBeSent(error: object, prototype: Prototype, memo: ValueMemo): boolean {
  return (prototype.sendable ??= tryToSend(error, prototype, memo));
}

function tryToSend(object: object, prototype: Prototype, memo: ValueMemo): boolean {
  if (prototype.kind !== error || prototype.ofClass === undefined) return false;
  try {
    memo.classOf(object, prototype);
    memo.send(prototype.ofClass);
    return true;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    prototype.whyNot = refusal.reason;
    return false;
  }
}

// Gives the error its own name and message, which it has from its class, and adds to the stack why the class is lost.
function keepInherited(error: object, fields: Map<string, unknown>, memo: ValueMemo): void {
  const prototype = memo.prototypes.of(Object.getPrototypeOf(error) as object);
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

/** Adds a note to the stack of an error, above the frames, because later code reads those at the end. */
function withNote(stack: string, note: string): string {
  const firstFrame = stack.search(/\n\s+at /);
  const at = firstFrame < 0 ? stack.length : firstFrame;
  return `${stack.slice(0, at)}\n    (${note})${stack.slice(at)}`;
}

/** The own enumerable properties of `error` that can be read. */
function readableProperties(error: object, memo: ValueMemo): Record<string, unknown> {
  const properties = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(error)) {
    if (memo.isLeftOut(error, key)) continue;
    try {
      properties[key] = (error as Record<string, unknown>)[key];
    } catch {
      // Left out.
    }
  }
  return properties;
}
