/**
 * The heads of objects that are neither plain nor plain arrays. A head is what is needed to create the object:
 * [class][what the kind writes].
 */

import {
  argumentOf,
  codeOf,
  codes,
  codeWord,
  hasProperties as hasPropertiesBit,
  variantOf,
  variants,
} from './wire/codes.js';
import { damaged } from './wire/damage.js';
import type { AnyFunction } from './functions_in_out.js';
import { refuseHiddenState } from './refusing/hidden_state.js';
import {
  readBound,
  readFunction,
  readWellKnown,
  writeFunction,
  writeWellKnown,
} from './kinds/function.js';
import type { ErrorClass, Kind, Prototype, ValueReader, ValueWriter } from './kinds/kind.js';
import { instance, plainObject, writeObjectHead } from './kinds/object.js';
import { kindOf, kindOfCode } from './kinds/table.js';
import { keysOf } from './own_properties.js';
import { needsPackingOrder, Refusal } from './refusing/refusals.js';

/** The limit for heads inside heads, such as those of bound functions and classes; encoding has a lower limit. */
const deepest = 250;

/** Writes the head of `object` and returns its content; undefined if there is none. */
export function writeHead(
  out: ValueWriter,
  object: object,
  above: object | null,
): Kind | undefined {
  const { memo } = out;
  const known = memo.packing?.wellKnown.get(object);
  if (known !== undefined) {
    writeWellKnown(out, known);
    return undefined;
  }
  const prototype = above === null ? null : memo.prototypes.of(above);
  if (prototype?.packs === true) {
    if (memo.packing === undefined) throw needsPackingOrder;
    throw new Refusal(object, 'its packed data changes each time it is read');
  }
  const kind = kindOf(object, prototype);
  if (kind !== undefined && kind !== plainObject) return writeKind(out, object, prototype, kind);
  const id = memo.functions.wellKnown(object);
  if (id !== undefined) {
    writeWellKnown(out, id);
    return undefined;
  }
  return writeObjectHead(out, object, prototype, kind === undefined);
}

function writeKind(
  out: ValueWriter,
  object: object,
  prototype: Prototype | null,
  kind: Kind,
): Kind | undefined {
  const ofClass = prototype === null ? undefined : classOf(out, object, prototype, kind);
  const { content = 'if properties' } = kind;
  const hasContent = content !== 'if properties' || hasProperties(object, kind, ofClass);
  const argument = kind.argument?.(object, prototype) ?? 0;
  const variant =
    prototype === null ? variants.null : ofClass === undefined ? variants.usual : variants.ofClass;
  out.word(codeWord(kind.code, variant, hasContent && content !== 'unmarked', argument));
  if (ofClass !== undefined) writeFunction(out, ofClass);
  kind.writeHead?.(out, object);
  return hasContent ? kind : undefined;
}

function classOf(
  { memo }: ValueWriter,
  object: object,
  prototype: Prototype,
  kind: Kind,
): AnyFunction | undefined {
  if (kind.classOf !== undefined) return kind.classOf(object, prototype, memo);
  const ofClass = memo.classOfBuiltIn(object, prototype, kind);
  if (ofClass !== undefined) refuseHiddenState(object, kind);
  return ofClass;
}

function hasProperties(object: object, kind: Kind, ofClass: AnyFunction | undefined): boolean {
  if (kind.ofClassOnly === true && ofClass === undefined) return false;
  return keysOf(object, kind).length > 0 || Object.getOwnPropertySymbols(object).length > 0;
}

/** Creates the object whose head begins with `word`. */
export function readHead(input: ValueReader, word: number): unknown {
  const number = input.reserve();
  if (++input.depth > deepest) throw damaged('it is nested too deeply');
  const object = create(input, word, number);
  input.objects[number] = object;
  input.depth--;
  return object;
}

function create(input: ValueReader, word: number, number: number): unknown {
  const code = codeOf(word);
  if (code === codes.function) return readFunction(input, word, number);
  if (code === codes.bound) return readBound(input);
  if (code === codes.wellKnownObject) return readWellKnown(input);
  const kind = kindOfCode(code);
  const outer = input.errorClass;
  const instead = kind?.classInstead?.(argumentOf(word));
  const ofError: ErrorClass | undefined = instead && { instead, lost: undefined };
  input.errorClass = ofError ?? outer;
  const prototype = readPrototype(input, word);
  input.errorClass = outer;
  if (code === codes.object) return createInstance(input, prototype ?? null, number);
  if (kind === undefined) throw damaged(`unknown code ${code}`);
  const object = kind.readHead(input, argumentOf(word));
  if (prototype !== undefined) Object.setPrototypeOf(object, prototype);
  input.objects[number] = object;
  if (ofError?.lost !== undefined) input.lostClasses.set(object, ofError.lost);
  const { content = 'if properties' } = kind;
  if (content !== 'if properties' || hasPropertiesBit(word)) input.content(object, kind);
  return object;
}

function createInstance(input: ValueReader, prototype: object | null, number: number): object {
  const object = Object.create(prototype) as object;
  input.objects[number] = object;
  input.content(object, instance);
  return object;
}

/** Reads the prototype that follows; undefined for that of the kind. */
function readPrototype(input: ValueReader, word: number): object | null | undefined {
  switch (variantOf(word)) {
    case variants.usual:
      return undefined;
    case variants.null:
      return null;
    case variants.ofClass: {
      const { prototype } = input.function() as { prototype?: unknown };
      if (typeof prototype !== 'object' || prototype === null) throw damaged('a class is invalid');
      return prototype;
    }
    default:
      throw damaged('a prototype is missing');
  }
}
