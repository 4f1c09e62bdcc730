/** The contents of objects that are neither plain nor arrays. */

import { writeArray } from './arrays_out.js';
import { codes, instance } from './codes.js';
import type { Encoder } from './encoder.js';
import { writeErrorContent } from './error_fields.js';
import type { AnyFunction } from './functions.js';
import { refuseHiddenState } from './hidden_state.js';
import { ownKeys } from './own_properties.js';

export function writeContent(out: Encoder, object: object, kind: number): void {
  switch (kind) {
    case instance:
      writeInstance(out, object);
      break;
    case codes.map:
      writeMap(out, object as Map<unknown, unknown>);
      break;
    case codes.set:
      writeSet(out, object as Set<unknown>);
      break;
    case codes.error:
    case codes.domException:
      writeErrorContent(out, object);
      break;
    case codes.array:
      writeArray(out, object as unknown[]);
      break;
    case codes.arguments:
      writeArray(out, Array.prototype.slice.call(object));
      break;
    case codes.function:
      writeCaptured(out, object as unknown as AnyFunction);
      break;
    default:
      writeProperties(out, object, kind);
  }
}

function writeInstance(out: Encoder, object: object): void {
  const { at } = out;
  const keys = Object.keys(object);
  const losesSymbols = out.properties(object, keys);
  if (losesSymbols || Object.getOwnPropertyNames(object).length !== keys.length)
    refuseHiddenState(object, codes.object);
  if (out.at === at + 1) out.refuseHidden(object);
}

function writeMap(out: Encoder, map: Map<unknown, unknown>): void {
  const countAt = countWord(out);
  let count = 0;
  Map.prototype.forEach.call(map, (value, key) => {
    out.value(key);
    out.value(value);
    count++;
  });
  out.words[countAt] = count;
  writeProperties(out, map, codes.map);
}

function writeSet(out: Encoder, set: Set<unknown>): void {
  const countAt = countWord(out);
  let count = 0;
  Set.prototype.forEach.call(set, (member) => {
    out.value(member);
    count++;
  });
  out.words[countAt] = count;
  writeProperties(out, set, codes.set);
}

function countWord(out: Encoder): number {
  out.word(0);
  return out.at - 1;
}

function writeCaptured(out: Encoder, fn: AnyFunction): void {
  const sent = out.knowledge.send(fn);
  const captured = sent.kind === 'function' ? sent.captured : [];
  out.word(captured.length);
  for (const value of captured) out.value(value);
}

function writeProperties(out: Encoder, object: object, kind: number): void {
  out.properties(object, ownKeys(object, kind));
}
