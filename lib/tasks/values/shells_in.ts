/** Creates the objects whose shells shells_out.ts wrote. */

import {
  argumentOf,
  codeOf,
  codes,
  hasProperties,
  instance,
  mostInline,
  variantOf,
  variants,
} from './codes.js';
import { damaged } from './damage.js';
import type { Decoder, ErrorClass } from './decoder.js';
import { createError, errorType } from './error_types.js';
import type { AnyFunction, ReceivedFunction } from './functions.js';

/** Calls and classes inside of each other; what encodes has a lower limit. */
const deepest = 250;

export function readShell(input: Decoder, word: number): unknown {
  const number = input.reserve();
  if (++input.depth > deepest) throw damaged('it is too deep');
  const object = create(input, word, number);
  input.objects[number] = object;
  input.depth--;
  return object;
}

function create(input: Decoder, word: number, number: number): unknown {
  const code = codeOf(word);
  if (code === codes.function) return readFunction(input, word, number);
  if (code === codes.bound) return readBound(input);
  if (code === codes.wellKnownObject) return input.functions.wellKnown(input.word());
  const outer = input.errorClass;
  const ofError: ErrorClass | undefined =
    code === codes.error
      ? { instead: errorType(argumentOf(word)) as unknown as AnyFunction, lost: undefined }
      : undefined;
  input.errorClass = ofError ?? outer;
  const prototype = readPrototype(input, word);
  input.errorClass = outer;
  if (code === codes.object) {
    const object = Object.create(prototype ?? null) as object;
    input.objects[number] = object;
    input.content(object, instance);
    return object;
  }
  const object = createBuiltIn(input, code, argumentOf(word));
  if (prototype !== undefined) Object.setPrototypeOf(object, prototype);
  const hasContent = code < codes.date || code === codes.error || code === codes.domException;
  input.objects[number] = object;
  if (ofError?.lost !== undefined) input.lostClasses.set(object, ofError.lost);
  if (hasContent || hasProperties(word)) input.content(object, code);
  return object;
}

/** The prototype that follows; undefined for that of the kind. */
function readPrototype(input: Decoder, word: number): object | null | undefined {
  switch (variantOf(word)) {
    case variants.usual:
      return undefined;
    case variants.null:
      return null;
    case variants.ofClass: {
      const { prototype } = input.function() as { prototype?: unknown };
      if (typeof prototype !== 'object' || prototype === null) throw damaged('a class is none');
      return prototype;
    }
    default:
      throw damaged('a prototype is missing');
  }
}

function createBuiltIn(input: Decoder, code: number, argument: number): object {
  switch (code) {
    case codes.array:
      return [];
    case codes.arguments:
      return createArguments();
    case codes.map:
      return new Map();
    case codes.set:
      return new Set();
    case codes.date:
      return new Date(input.number());
    case codes.regExp:
      return new RegExp(input.text(), input.text());
    case codes.boxed:
      return Object(input.value()) as object;
    case codes.error:
      return createError(argument);
    case codes.domException:
      return createDOMException(input.text(), input.text());
    case codes.url:
      return new URL(input.text());
    case codes.urlSearchParams:
      return new URLSearchParams(input.text());
    case codes.arrayBuffer:
      return input.buffers.buffer(input.word());
    case codes.view:
      return readView(input, argument);
    default:
      throw damaged(`there is no code ${code}`);
  }
}

function createArguments(): object {
  return (function () {
    // eslint-disable-next-line prefer-rest-params -- it is to be such an object
    return arguments;
  })();
}

function createDOMException(name: string, message: string): DOMException {
  const exception = new DOMException(message, name);
  Reflect.deleteProperty(exception, 'stack');
  return exception;
}

function readView(input: Decoder, type: number): ArrayBufferView {
  const word = input.word();
  const byteOffset = input.size();
  const byteLength = (word & 1) === 1 ? undefined : input.size();
  return input.buffers.view(type, word >>> 1, byteOffset, byteLength);
}

function readFunction(input: Decoder, word: number, number: number): AnyFunction {
  const id = input.word();
  const early = variantOf(word) === variants.ofClass ? readList(input) : undefined;
  const received = receive(input, id, early);
  if (hasProperties(word)) {
    input.received.set(received.fn, received);
    input.objects[number] = received.fn;
    input.content(received.fn, codes.function);
  }
  return received.fn;
}

/** An error is worth more than its class: where that is not there, the nearest one of the language serves. */
function receive(input: Decoder, id: number, early?: readonly unknown[]): ReceivedFunction {
  const { errorClass, functions } = input;
  if (errorClass === undefined) return functions.receive(id, early);
  try {
    return functions.receive(id, early);
  } catch (reason) {
    errorClass.lost = { name: functions.nameOf?.(id) ?? '', reason };
    return { fn: errorClass.instead };
  }
}

function readBound(input: Decoder): AnyFunction {
  // What it is bound to may contain it: no contents before it can be made.
  const { inline } = input;
  input.inline = mostInline;
  const target = input.function();
  const self = input.value();
  const args = readList(input);
  input.inline = inline;
  return Function.prototype.bind.call(target, self, ...args) as AnyFunction;
}

function readList(input: Decoder): unknown[] {
  const { inline } = input;
  input.inline = mostInline;
  const count = input.countOf(1);
  const values: unknown[] = [];
  for (let index = 0; index < count; index++) values.push(input.value());
  input.inline = inline;
  return values;
}
