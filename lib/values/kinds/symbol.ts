/** Symbols that are the same in every process: the well-known ones and those of Symbol.for. */

import { argumentOf, codes, codeWord } from '../wire/codes.js';
import { damaged } from '../wire/damage.js';
import { Refusal } from '../refusing/refusals.js';
import type { ValueReader, ValueWriter } from './kind.js';

const wellKnown: readonly symbol[] = [
  Symbol.asyncIterator,
  Symbol.hasInstance,
  Symbol.isConcatSpreadable,
  Symbol.iterator,
  Symbol.match,
  Symbol.matchAll,
  Symbol.replace,
  Symbol.search,
  Symbol.species,
  Symbol.split,
  Symbol.toPrimitive,
  Symbol.toStringTag,
  Symbol.unscopables,
  Symbol.dispose,
  Symbol.asyncDispose,
];

/** True for a symbol that every process can find. */
function isSendable(symbol: symbol): boolean {
  return Symbol.keyFor(symbol) !== undefined || wellKnown.includes(symbol);
}

/** True if the property `key` of `object` is sent: it is enumerable, and its key can be sent. */
export function isSentKey(object: object, key: symbol): boolean {
  return isSendable(key) && Object.prototype.propertyIsEnumerable.call(object, key);
}

/** Writes [its number in the first word], or [key]. */
export function writeSymbol(out: ValueWriter, symbol: symbol): void {
  if (!isSendable(symbol))
    throw new Refusal(
      symbol,
      `${String(symbol)} cannot be sent: only Symbol.for(…) is the same everywhere`,
    );
  const number = wellKnown.indexOf(symbol);
  if (number >= 0) {
    out.word(codeWord(codes.wellKnownSymbol, 0, false, number));
  } else {
    out.word(codeWord(codes.registeredSymbol));
    out.text(Symbol.keyFor(symbol)!);
  }
}

/** Reads the symbol whose number is in its first word. */
export function readWellKnownSymbol(word: number): symbol {
  const symbol = wellKnown[argumentOf(word)];
  if (symbol === undefined) throw damaged('a symbol is missing');
  return symbol;
}

/** Reads the key of a Symbol.for, which follows the first word. */
export function readRegisteredSymbol(input: ValueReader): symbol {
  return Symbol.for(input.text());
}
