/** What an object holds, step by step: the slow walk, for plans and for error messages. */

import { types } from 'node:util';

import { codes } from './codes.js';
import { kindBySlots } from './classify.js';
import { fieldsOf, readableProperties } from './error_fields.js';
import type { AnyFunction } from './functions.js';
import type { Knowledge } from './knowledge.js';
import { isOfLanguage } from './error_fields.js';
import { ownKeys, primitiveOf } from './own_properties.js';
import { isSendable } from './symbols.js';
import { extentOf } from './views.js';

/** How one gets from an object to what it holds. */
export type Step =
  | { readonly by: 'property'; readonly key: string | symbol }
  | { readonly by: 'text'; readonly text: string };

export type Visit = (value: unknown, step: Step) => void;

/** Calls `visit` for all that is sent with `object`. Getters that throw are passed over. */
export function visitChildren(object: object, knowledge: Knowledge, visit: Visit): void {
  if (typeof object === 'function') visitFunction(object as AnyFunction, knowledge, visit);
  else if (!types.isProxy(object) && knowledge.plan?.wellKnown.has(object) !== true)
    visitObject(object, knowledge, visit);
}

function visitFunction(fn: AnyFunction, knowledge: Knowledge, visit: Visit): void {
  const sent = types.isProxy(fn) ? undefined : knowledge.sent(fn);
  if (sent?.kind === 'function') {
    for (const [index, value] of sent.captured.entries())
      visit(value, text(`, captured variable ${sent.capturedNames[index] ?? index}`));
  } else if (sent?.kind === 'bound') {
    visit(sent.target, text(', the function bound'));
    visit(sent.self, text(', bound this'));
    for (const [index, arg] of sent.args.entries())
      visit(arg, text(`, bound argument ${index + 1}`));
  }
}

function visitObject(object: object, knowledge: Knowledge, visit: Visit): void {
  const above = Object.getPrototypeOf(object) as object | null;
  const prototype = above === null ? null : knowledge.prototypes.of(above);
  if (prototype?.ofClass !== undefined && !prototype.builtIn && prototype.sendable !== false)
    visit(prototype.ofClass, text(`, class ${prototype.name}`));
  if (prototype?.packs === true) {
    if (knowledge.plan?.packed.has(object) === true)
      visit(knowledge.plan.packed.get(object), text('[pack]()'));
    return;
  }
  const kind = kindBySlots(object);
  if (kind === codes.error || (prototype?.kind === codes.error && !isOfLanguage(prototype))) {
    for (const [field, value] of fieldsOf(object, knowledge)) visit(value, property(field));
    const properties = readableProperties(object, knowledge);
    for (const key of Object.keys(properties)) visit(properties[key], property(key));
    return;
  }
  if (kind === codes.boxed) visit(primitiveOf(object), text(''));
  if (kind === codes.map) visitMap(object as Map<unknown, unknown>, visit);
  if (kind === codes.set) visitSet(object as Set<unknown>, visit);
  if (kind === codes.view) visit(extentOf(object as ArrayBufferView).buffer, property('buffer'));
  if (kind === codes.view && (prototype === null || prototype.builtIn)) return;
  const read = knowledge.asRead(object);
  visitProperties(read, kind === undefined ? [] : ownKeys(read, kind), visit);
}

function visitMap(map: Map<unknown, unknown>, visit: Visit): void {
  let index = 0;
  Map.prototype.forEach.call(map, (value, key) => {
    index++;
    visit(key, text(`, key ${index}`));
    const isName = typeof key === 'string' || typeof key === 'number';
    visit(value, text(isName ? `.get(${JSON.stringify(key)})` : `, value of key ${index}`));
  });
}

function visitSet(set: Set<unknown>, visit: Visit): void {
  let index = 0;
  Set.prototype.forEach.call(set, (member) => visit(member, text(`, member ${++index}`)));
}

function visitProperties(object: object, keys: readonly string[], visit: Visit): void {
  const symbols = Object.getOwnPropertySymbols(object).filter(
    (symbol) => isSendable(symbol) && Object.prototype.propertyIsEnumerable.call(object, symbol),
  );
  for (const key of [...keys, ...symbols]) {
    let value: unknown;
    try {
      value = (object as Record<string | symbol, unknown>)[key];
    } catch {
      continue;
    }
    if (typeof key === 'symbol') visit(key, text(`, the key ${String(key)}`));
    visit(value, property(key));
  }
}

function property(key: string | symbol): Step {
  return { by: 'property', key };
}

function text(content: string): Step {
  return { by: 'text', text: content };
}
