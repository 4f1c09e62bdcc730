/** Maps and sets. */

import { types } from 'node:util';

import { atText } from '../refusing/steps.js';
import { defineKind } from './define_kind.js';
import type { ValueWriter } from './kind.js';
import { visitProperties } from '../own_properties.js';

type AnyMap = Map<unknown, unknown>;
type AnySet = Set<unknown>;

/** Maps, read by the built-in methods even if those were replaced. */
export const map = defineKind<AnyMap>({
  code: 23,
  classes: ['Map'],
  hasSlots: types.isMap,
  readHead: () => new Map(),
  content: 'always',

  /** Writes [count][keys and values alternately][properties]. */
  writeContent(out, map) {
    const countAt = leaveCount(out);
    let count = 0;
    Map.prototype.forEach.call(map, (value, key) => {
      out.value(key);
      out.value(value);
      count++;
    });
    out.words[countAt] = count;
    out.properties(map, Object.keys(map));
  },
  readContent(input, map) {
    const count = input.countOf(2);
    for (let index = 0; index < count; index++) {
      const key = input.value();
      Map.prototype.set.call(map, key, input.value());
    }
    input.properties(map);
  },

  visitChildren(map, visit, memo) {
    let index = 0;
    Map.prototype.forEach.call(map, (value, key) => {
      index++;
      visit(key, atText(`, key ${index}`));
      const isName = typeof key === 'string' || typeof key === 'number';
      visit(value, atText(isName ? `.get(${JSON.stringify(key)})` : `, value of key ${index}`));
    });
    visitProperties(memo.asRead(map), visit);
  },
});

/** Sets, read by the built-in methods even if those were replaced. */
export const set = defineKind<AnySet>({
  code: 24,
  classes: ['Set'],
  hasSlots: types.isSet,
  readHead: () => new Set(),
  content: 'always',

  /** Writes [count][members][properties]. */
  writeContent(out, set) {
    const countAt = leaveCount(out);
    let count = 0;
    Set.prototype.forEach.call(set, (member) => {
      out.value(member);
      count++;
    });
    out.words[countAt] = count;
    out.properties(set, Object.keys(set));
  },
  readContent(input, set) {
    const count = input.countOf(1);
    for (let index = 0; index < count; index++) Set.prototype.add.call(set, input.value());
    input.properties(set);
  },

  visitChildren(set, visit, memo) {
    let index = 0;
    Set.prototype.forEach.call(set, (member) => visit(member, atText(`, member ${++index}`)));
    visitProperties(memo.asRead(set), visit);
  },
});

/** Reserves the word for a count that is known only afterwards, because entries may change while they are written. */
function leaveCount(out: ValueWriter): number {
  out.word(0);
  return out.at - 1;
}
