/** The shells of objects that are neither plain nor plain arrays: what is needed to create them. */

import { types } from 'node:util';

import { kindOf, refuseKind } from './classify.js';
import { codes, codeWord, instance, variants } from './codes.js';
import type { Encoder } from './encoder.js';
import { errorNumberOf, isOfLanguage } from './error_fields.js';
import { writeFunction } from './functions_out.js';
import { refuseHiddenState } from './hidden_state.js';
import { needsPlan } from './knowledge.js';
import { isDetached, isMoved } from './move.js';
import { ownKeys, primitiveOf } from './own_properties.js';
import type { Prototype } from './prototypes.js';
import { refuse, Refusal, withArticle } from './refusals.js';
import { isResizable, tracksLength } from './resizable.js';
import { bufferType, extentOf, getterOf, typeOfView } from './views.js';

/** Writes the shell of `object` and returns what content it has, 0 for none. */
export function writeShell(out: Encoder, object: object, above: object | null): number {
  const { knowledge } = out;
  const known = knowledge.plan?.wellKnown.get(object);
  if (known !== undefined) return writeWellKnown(out, known);
  const prototype = above === null ? null : knowledge.prototypes.of(above);
  if (prototype?.packs === true) {
    if (knowledge.plan === undefined) throw needsPlan;
    throw new Refusal(object, 'its packed data is something else each time it is read');
  }
  const kind = kindOf(object, prototype);
  if (kind === codes.object || kind === undefined) return writeObject(out, object, prototype, kind);
  if (kind === codes.error) return writeError(out, object, prototype);
  return writeBuiltIn(out, object, prototype, kind);
}

function writeObject(
  out: Encoder,
  object: object,
  prototype: Prototype | null,
  kind: number | undefined,
): number {
  const wellKnown = out.knowledge.functions.wellKnown(object);
  if (wellKnown !== undefined) return writeWellKnown(out, wellKnown);
  const isOfClass = prototype !== null && !prototype.builtIn && prototype.ofClass !== undefined;
  if (kind !== undefined && isOfClass && prototype.kind === codes.object) {
    const ofClass = out.knowledge.classOf(object, prototype);
    out.word(codeWord(codes.object, variants.ofClass));
    writeFunction(out, ofClass);
    return instance;
  }
  if (kind === undefined) throw refuseKind(object);
  if (prototype === null || prototype.plain) {
    out.word(codeWord(codes.object, prototype === null ? variants.null : variants.usual));
    return codes.object;
  }
  throw refuseObject(out, object, prototype);
}

function refuseObject(out: Encoder, object: object, prototype: Prototype): Refusal {
  const above = Object.getPrototypeOf(object) as object;
  if (prototype.ofClass === undefined && Object.hasOwn(above, Symbol.toStringTag))
    return refuseKind(object);
  const nearest = nearestBuiltIn(prototype);
  if (nearest === undefined || nearest.plain) {
    out.knowledge.classOf(object, prototype);
    return new Refusal(object, 'an object whose prototype is of no class cannot be sent');
  }
  if (nearest.kind !== undefined)
    return new Refusal(
      object,
      `${withArticle(nearest.name)} that its constructor has not made cannot be sent`,
    );
  if (nearest === prototype) return refuseKind(object);
  const { reason } = refuse(object, nearest.name);
  return new Refusal(
    object,
    `${withArticle(prototype.name)} is ${withArticle(nearest.name)}; ${reason}`,
  );
}

function nearestBuiltIn(prototype: Prototype): Prototype | undefined {
  for (let each: Prototype | null = prototype; each !== null; each = each.parent)
    if (each.builtIn) return each;
  return undefined;
}

function writeWellKnown(out: Encoder, id: number): number {
  out.word(codeWord(codes.wellKnownObject));
  out.word(id);
  out.functions.add(id);
  return 0;
}

function writeError(out: Encoder, error: object, prototype: Prototype | null): number {
  const number = errorNumberOf(prototype);
  if (prototype === null) {
    out.word(codeWord(codes.error, variants.null, false, number));
  } else if (!isOfLanguage(prototype) && out.knowledge.canBeSent(error, prototype)) {
    out.word(codeWord(codes.error, variants.ofClass, false, number));
    writeFunction(out, prototype.ofClass!);
  } else {
    out.word(codeWord(codes.error, variants.usual, false, number));
  }
  return codes.error;
}

function writeBuiltIn(
  out: Encoder,
  object: object,
  prototype: Prototype | null,
  kind: number,
): number {
  const ofClass = classOf(out, object, prototype, kind);
  if (ofClass !== undefined && kind !== codes.domException) refuseHiddenState(object, kind);
  const hasContent =
    kind < codes.date ||
    kind === codes.domException ||
    hasProperties(object, kind, ofClass !== undefined);
  const argument = kind === codes.view ? typeOfView(object as ArrayBufferView) : 0;
  const variant =
    prototype === null ? variants.null : ofClass === undefined ? variants.usual : variants.ofClass;
  out.word(codeWord(kind, variant, hasContent, argument));
  if (ofClass !== undefined) writeFunction(out, ofClass);
  writeCreation(out, object, kind);
  return hasContent ? kind : 0;
}

function classOf(
  out: Encoder,
  object: object,
  prototype: Prototype | null,
  kind: number,
): ((...args: never[]) => unknown) | undefined {
  if (prototype === null || kind === codes.arguments) return undefined;
  if (!prototype.builtIn) return out.knowledge.classOf(object, prototype);
  if (prototype.kind !== kind)
    throw new Refusal(object, 'an object whose prototype was replaced cannot be sent');
  return undefined;
}

function hasProperties(object: object, kind: number, isOfClass: boolean): boolean {
  // As for a structured clone: of views as they are only the content counts.
  if (kind === codes.view && !isOfClass) return false;
  return ownKeys(object, kind).length > 0 || Object.getOwnPropertySymbols(object).length > 0;
}

function writeCreation(out: Encoder, object: object, kind: number): void {
  switch (kind) {
    case codes.date:
      out.number(Date.prototype.getTime.call(object));
      break;
    case codes.regExp:
      out.text((object as RegExp).source);
      out.text((object as RegExp).flags);
      break;
    case codes.boxed:
      out.value(primitiveOf(object));
      break;
    case codes.url:
      out.text(href.call(object) as string);
      break;
    case codes.urlSearchParams:
      out.text(URLSearchParams.prototype.toString.call(object));
      break;
    case codes.domException:
      out.text((object as DOMException).name);
      out.text((object as DOMException).message);
      break;
    case codes.arrayBuffer:
      writeArrayBuffer(out, object as ArrayBuffer);
      break;
    case codes.view:
      writeView(out, object as ArrayBufferView);
      break;
  }
}

const href = getterOf(URL.prototype, 'href');

function writeArrayBuffer(out: Encoder, buffer: ArrayBuffer): void {
  refuseDetached(buffer, buffer);
  out.word(out.buffers.use(buffer, 0, buffer.byteLength));
}

/** Writes [number of the buffer, bit 0: whether the length is that of the buffer][offset][length]. */
function writeView(out: Encoder, view: ArrayBufferView): void {
  const { buffer, byteOffset, byteLength } = extentOf(view);
  if (types.isSharedArrayBuffer(buffer)) throw refuse(view, 'view on a SharedArrayBuffer');
  refuseDetached(view, buffer);
  const tracks = tracksLength(view);
  out.reserve(1);
  const at = out.at++;
  const number = isResizable(buffer)
    ? out.buffers.use(buffer, 0, buffer.byteLength)
    : typeOfView(view) === bufferType
      ? out.buffers.useBuffer(buffer, byteOffset, byteOffset + byteLength, at)
      : out.buffers.use(buffer, byteOffset, byteOffset + byteLength);
  out.words[at] = (number << 1) | (tracks ? 1 : 0);
  out.number(byteOffset);
  if (!tracks) out.number(byteLength);
}

function refuseDetached(culprit: object, buffer: ArrayBufferLike): void {
  if (!isDetached(buffer)) return;
  const why = isMoved(buffer) ? 'it was moved by an earlier submit' : 'its memory was transferred';
  throw new Refusal(culprit, `a detached buffer cannot be sent: ${why}`);
}
