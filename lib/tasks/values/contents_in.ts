/** Reads what contents_out.ts wrote. */

import { readArray, readElements } from './arrays_in.js';
import { codes } from './codes.js';
import type { Decoder, LostClass } from './decoder.js';
import { errorFields, withNote } from './error_types.js';
import { hideProperty } from './properties_in.js';

export function readContent(input: Decoder, object: object, kind: number): void {
  switch (kind) {
    case codes.map:
      readMap(input, object as Map<unknown, unknown>);
      break;
    case codes.set:
      readSet(input, object as Set<unknown>);
      break;
    case codes.error:
    case codes.domException:
      readErrorFields(input, object);
      break;
    case codes.array:
      readArray(input, object as unknown[]);
      return;
    case codes.arguments:
      readArguments(input, object);
      break;
    case codes.function:
      readCaptured(input, object);
      return;
  }
  input.properties(object);
}

function readMap(input: Decoder, map: Map<unknown, unknown>): void {
  const count = input.countOf(2);
  for (let index = 0; index < count; index++) {
    const key = input.value();
    Map.prototype.set.call(map, key, input.value());
  }
}

function readSet(input: Decoder, set: Set<unknown>): void {
  const count = input.countOf(1);
  for (let index = 0; index < count; index++) Set.prototype.add.call(set, input.value());
}

function readErrorFields(input: Decoder, error: object): void {
  const mask = input.word();
  for (const [bit, field] of errorFields.entries())
    if ((mask & (1 << bit)) !== 0) hideProperty(error, field, input.value());
  const lost = input.lostClasses.get(error);
  if (lost !== undefined) sayLost(error, lost);
}

/** As where the other side could not send the class: the name is kept, and the stack says why. */
function sayLost(error: object, { name, reason }: LostClass): void {
  if (name !== '' && !Object.hasOwn(error, 'name')) hideProperty(error, 'name', name);
  const { stack } = error as Error;
  const why = reason instanceof Error ? reason.message : String(reason);
  if (typeof stack === 'string') hideProperty(error, 'stack', withNote(stack, why));
}

function readArguments(input: Decoder, object: object): void {
  const values: unknown[] = [];
  readElements(input, values);
  Object.assign(object, values);
  (object as { length: number }).length = values.length;
}

function readCaptured(input: Decoder, fn: object): void {
  const count = input.countOf(1);
  const captured: unknown[] = [];
  for (let index = 0; index < count; index++) captured.push(input.value());
  input.assignments.push({ received: input.received.get(fn)!, captured });
}
