/** Dates and regular expressions. */

import { types } from 'node:util';

import { getterOf } from '../getters.js';
import { defineKind } from './define_kind.js';

/** Dates, by their milliseconds; NaN for an invalid one. */
export const date = defineKind<Date>({
  code: 25,
  classes: ['Date'],
  hasSlots: types.isDate,
  writeHead: (out, date) => out.number(Date.prototype.getTime.call(date)),
  readHead: (input) => new Date(input.number()),
});

const sourceOf = getterOf(RegExp.prototype, 'source');

/** Regular expressions, by source and flags. As in a structured clone, `lastIndex` becomes 0. */
export const regExp = defineKind<RegExp>({
  code: 26,
  classes: ['RegExp'],
  hasSlots: types.isRegExp,
  writeHead(out, regExp) {
    out.text(sourceOf.call(regExp) as string);
    out.text(flagsOf(regExp));
  },
  readHead: (input) => new RegExp(input.text(), input.text()),
});

const flags = Object.entries({
  hasIndices: 'd',
  global: 'g',
  ignoreCase: 'i',
  multiline: 'm',
  dotAll: 's',
  unicode: 'u',
  unicodeSets: 'v',
  sticky: 'y',
}).map(([name, flag]) => ({ isSet: getterOf(RegExp.prototype, name), flag }));

// The getter of `flags` reads properties of the object, which are missing if it has no prototype.
function flagsOf(regExp: RegExp): string {
  if (Object.getPrototypeOf(regExp) !== null) return regExp.flags;
  return flags.map(({ isSet, flag }) => (isSet.call(regExp) === true ? flag : '')).join('');
}
