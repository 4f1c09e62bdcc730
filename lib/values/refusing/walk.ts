/**
 * Walks through the values that an object holds, step by step. This is slow, and used only for the packing order and
 * for error messages.
 */

import { types } from 'node:util';

import type { EncodingMemo } from '../encoding_memo.js';
import type { AnyFunction } from '../functions_in_out.js';
import { error, isOfLanguage } from '../kinds/error.js';
import { visitFunction } from '../kinds/function.js';
import { kindBySlots } from '../kinds/table.js';
import { atText, type Visit } from './steps.js';
import { visitProperties } from '../own_properties.js';

/** Calls `visit` for everything that is sent with `object`. Getters that throw are skipped. */
export function visitChildren(object: object, memo: EncodingMemo, visit: Visit): void {
  if (typeof object === 'function') visitFunction(object as AnyFunction, visit, memo);
  else if (!types.isProxy(object) && memo.packing?.wellKnown.has(object) !== true)
    visitObject(object, memo, visit);
}

function visitObject(object: object, memo: EncodingMemo, visit: Visit): void {
  const above = Object.getPrototypeOf(object) as object | null;
  const prototype = above === null ? null : memo.prototypes.of(above);
  if (prototype?.ofClass !== undefined && !prototype.builtIn && prototype.sendable !== false)
    visit(prototype.ofClass, atText(`, class ${prototype.name}`));
  if (prototype?.packs === true) {
    if (memo.packing?.packed.has(object) === true)
      visit(memo.packing.packed.get(object), atText('[pack]()'));
    return;
  }
  const isError = prototype?.kind === error && !isOfLanguage(prototype);
  const kind = isError ? error : kindBySlots(object);
  if (kind === undefined) visitProperties(memo.asRead(object), visit, []);
  else if (kind.visitChildren === undefined) visitProperties(memo.asRead(object), visit);
  else kind.visitChildren(object, visit, memo);
}
