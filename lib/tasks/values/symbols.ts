/** Symbols that are the same in every process: those of the language and those of Symbol.for. */

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

/** Whether `symbol` can be sent. */
export function isSendable(symbol: symbol): boolean {
  return Symbol.keyFor(symbol) !== undefined || wellKnown.includes(symbol);
}

/** −1 for a symbol that is none of the language. */
export function wellKnownNumber(symbol: symbol): number {
  return wellKnown.indexOf(symbol);
}

export function wellKnownSymbol(number: number): symbol | undefined {
  return wellKnown[number];
}

/** The key of a symbol of Symbol.for. */
export function keyOfSymbol(symbol: symbol): string {
  return Symbol.keyFor(symbol)!;
}
