/** Functions and symbols, which are the same on both sides. */

import { types } from 'node:util';

import { codes, codeWord, mostInline, tagReference, variants } from './codes.js';
import type { Encoder } from './encoder.js';
import type { AnyFunction } from './functions.js';
import { needsPlan } from './knowledge.js';
import { refuse, Refusal } from './refusals.js';
import { isSendable, keyOfSymbol, wellKnownNumber } from './symbols.js';

const deepestBound = 100;
const deepestEarly = 100;

export function writeFunction(out: Encoder, fn: AnyFunction): void {
  const { knowledge, inTurn } = out;
  // An object that begins with a function may be one of Node.js.
  if (out.at === out.firstPropertyAt && knowledge.plan === undefined && inTurn !== undefined)
    if (knowledge.functions.wellKnown(inTurn) !== undefined) throw needsPlan;
  const number = out.seen.numberOf(fn);
  if (number >= 0) {
    out.word((number << 3) | tagReference);
    return;
  }
  if (types.isProxy(fn)) throw refuse(fn, 'Proxy');
  const sent = knowledge.send(fn);
  if (sent.kind === 'bound') {
    writeBound(out, fn, sent);
    return;
  }
  const hasCaptured = sent.captured.length > 0;
  const depth = out.making.size;
  const hasEarly = hasCaptured && (sent.isClass || (depth > 0 && depth < deepestEarly));
  out.word(codeWord(codes.function, hasEarly ? variants.ofClass : variants.usual, hasCaptured));
  out.word(sent.id);
  out.functions.add(sent.id);
  if (hasEarly) writeEarly(out, fn, sent.captured);
  if (hasCaptured) out.queue.add(fn, codes.function);
}

/**
 * Of what a class captures, what it may need while it is being made: what it extends, functions that its static blocks call,
 * with what these need in turn, and primitive values.
 */
function writeEarly(out: Encoder, fn: AnyFunction, captured: readonly unknown[]): void {
  const { inline, making } = out;
  out.inline = mostInline;
  making.add(fn);
  out.word(captured.length);
  for (const value of captured) {
    const isEarly = typeof value === 'function' ? !making.has(value) : isPrimitive(value);
    out.value(isEarly ? value : undefined);
  }
  making.delete(fn);
  out.inline = inline;
}

function isPrimitive(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

function writeBound(
  out: Encoder,
  fn: AnyFunction,
  { target, self, args }: { target: AnyFunction; self: unknown; args: readonly unknown[] },
): void {
  if (++out.bound > deepestBound)
    throw new Refusal(
      fn,
      `a function that is bound over and over, more than ${deepestBound} times, cannot be sent`,
    );
  out.word(codeWord(codes.bound));
  // What it is bound to may contain it: no contents before it can be made.
  const { inline } = out;
  out.inline = mostInline;
  out.value(target);
  out.value(self);
  out.word(args.length);
  for (const arg of args) out.value(arg);
  out.inline = inline;
  out.bound--;
}

export function writeSymbol(out: Encoder, symbol: symbol): void {
  if (!isSendable(symbol))
    throw new Refusal(
      symbol,
      `${String(symbol)} cannot be sent: only Symbol.for(…) is the same everywhere`,
    );
  const number = wellKnownNumber(symbol);
  const code = number < 0 ? codes.registeredSymbol : codes.wellKnownSymbol;
  out.word(codeWord(code, 0, false, Math.max(number, 0)));
  if (number < 0) out.text(keyOfSymbol(symbol));
}
