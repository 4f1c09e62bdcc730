/**
 * Functions, and objects that every process has, such as `Math`: both sides know them by an id. The content of a
 * function is the values of its captured variables. A bound function is written as its function, `this` and arguments.
 */

import { types } from 'node:util';

import {
  codes,
  codeWord,
  hasProperties,
  mostInline,
  tagReference,
  variantOf,
  variants,
} from '../wire/codes.js';
import type { AnyFunction, ReceivedFunction, SentFunction } from '../functions_in_out.js';
import { needsPackingOrder, refuse, Refusal } from '../refusing/refusals.js';
import { atText, type Visit } from '../refusing/steps.js';
import type { Content, ValueMemo, ValueReader, ValueWriter } from './kind.js';

const deepestBound = 100;
const deepestEarly = 100;

/** Writes [id][early values, for a class], or what {@link writeBound} writes. */
export function writeFunction(out: ValueWriter, fn: AnyFunction): void {
  const { memo, inTurn } = out;
  // An object that begins with a function may be one of Node.js.
  if (out.at === out.firstPropertyAt && memo.packing === undefined && inTurn !== undefined)
    if (memo.functions.wellKnown(inTurn) !== undefined) throw needsPackingOrder;
  const number = out.seen.numberOf(fn);
  if (number >= 0) {
    out.word((number << 3) | tagReference);
    return;
  }
  if (types.isProxy(fn)) throw refuse(fn, 'Proxy');
  const sent = memo.send(fn);
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
  if (hasCaptured) out.queue.add(fn, captured);
}

/** @param number - the number of the function among the objects of the value */
export function readFunction(input: ValueReader, word: number, number: number): AnyFunction {
  const id = input.word();
  const early = variantOf(word) === variants.ofClass ? readList(input) : undefined;
  const hasContent = hasProperties(word);
  const received = receive(input, id, hasContent, early);
  if (hasContent) {
    input.received.set(received.fn, received);
    input.objects[number] = received.fn;
    input.content(received.fn, captured);
  }
  return received.fn;
}

/**
 * Receives a function. If the class of an error is missing, the nearest built-in class is used, because the error
 * matters more than its class.
 */
function receive(
  input: ValueReader,
  id: number,
  hasContent: boolean,
  early?: readonly unknown[],
): ReceivedFunction {
  const { errorClass, functions } = input;
  if (errorClass === undefined) return functions.receive(id, hasContent, early);
  try {
    return functions.receive(id, hasContent, early);
  } catch (reason) {
    errorClass.lost = { name: functions.nameOf?.(id) ?? '', reason };
    return { fn: errorClass.instead };
  }
}

/** The content of a function: [count][values of its captured variables]. */
const captured: Content<AnyFunction> = {
  writeContent(out, fn) {
    const sent = out.memo.send(fn);
    const values = sent.kind === 'function' ? sent.captured : [];
    out.word(values.length);
    for (const value of values) out.value(value);
  },
  readContent(input, fn) {
    const count = input.countOf(1);
    const values: unknown[] = [];
    for (let index = 0; index < count; index++) values.push(input.value());
    input.assignments.push({ received: input.received.get(fn)!, captured: values });
  },
};

/**
 * Writes those captured variables that a class may need while it is being made: what it extends, functions that its
 * static blocks call, with what these need in turn, and primitive values.
 */
function writeEarly(out: ValueWriter, fn: AnyFunction, captured: readonly unknown[]): void {
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

/** Writes [the function][this][count][arguments]. */
function writeBound(
  out: ValueWriter,
  fn: AnyFunction,
  { target, self, args }: Extract<SentFunction, { kind: 'bound' }>,
): void {
  if (++out.bound > deepestBound)
    throw new Refusal(
      fn,
      `a function that was bound more than ${deepestBound} times cannot be sent`,
    );
  out.word(codeWord(codes.bound));
  // The target, `this` and arguments may contain the function itself: no contents before it can be made.
  const { inline } = out;
  out.inline = mostInline;
  out.value(target);
  out.value(self);
  out.word(args.length);
  for (const arg of args) out.value(arg);
  out.inline = inline;
  out.bound--;
}

/** Reads a function that {@link writeBound} wrote, after its first word. */
export function readBound(input: ValueReader): AnyFunction {
  // As in writing: no contents before it is made.
  const { inline } = input;
  input.inline = mostInline;
  const target = input.function();
  const self = input.value();
  const args = readList(input);
  input.inline = inline;
  return Function.prototype.bind.call(target, self, ...args) as AnyFunction;
}

function readList(input: ValueReader): unknown[] {
  const { inline } = input;
  input.inline = mostInline;
  const count = input.countOf(1);
  const values: unknown[] = [];
  for (let index = 0; index < count; index++) values.push(input.value());
  input.inline = inline;
  return values;
}

/** Writes an object that every process has: [id]. It has no content. */
export function writeWellKnown(out: ValueWriter, id: number): void {
  out.word(codeWord(codes.wellKnownObject));
  out.word(id);
  out.functions.add(id);
}

/**
 * Reads an object that {@link writeWellKnown} wrote, after its first word.
 *
 * @throws {DataCloneError} for an id that is not known here
 */
export function readWellKnown(input: ValueReader): object {
  return input.functions.wellKnown(input.word());
}

/** Visits the captured variables of a function, or the function, `this` and arguments of a bound one. */
export function visitFunction(fn: AnyFunction, visit: Visit, memo: ValueMemo): void {
  const sent = types.isProxy(fn) ? undefined : memo.sent(fn);
  if (sent?.kind === 'function') {
    for (const [index, value] of sent.captured.entries())
      visit(value, atText(`, captured variable ${sent.capturedNames[index] ?? index}`));
  } else if (sent?.kind === 'bound') {
    visit(sent.target, atText(', the function bound'));
    visit(sent.self, atText(', bound this'));
    for (const [index, arg] of sent.args.entries())
      visit(arg, atText(`, bound argument ${index + 1}`));
  }
}
