/**
 * Converts values to bytes. Typed arrays, DataViews and ArrayBuffers are sent straight from their memory; all other
 * values are encoded at the call.
 */

import { types } from 'node:util';

import { exactJson } from '../../values/exact_json.js';
import { DataCloneError } from '../../errors.js';
import { roots } from '../../values/refusing/paths.js';
import { decodeStructure, encodeStructure } from '../../values/structure.js';
import { isDetached } from '../../values/buffers/move.js';
import { noFunctions } from '../../values/functions_in_out.js';
import { bufferType, extentOf, typeOfView, viewTypes } from '../../values/buffers/views.js';
import type { CommunicatorAddon } from '../opened.js';

/** The kinds of payload are the numbers of viewTypes and, above those: */
export const arrayBufferKind = bufferType + 1;
/** The kind of all values that are encoded. */
export const plainKind = bufferType + 2;

/** The kinds above that, in reductions: */
export const reducibleKinds = [
  'numbers',
  'bigints',
  'booleans',
  'arrays of numbers',
  'arrays of bigints',
  'arrays of booleans',
] as const;

/** The name in messages of a kind of values that MPI's operations reduce. */
export type ReducibleName = (typeof reducibleKinds)[number];

const cut = 100;

/** The kind of an array that is cut into parts, which differs from that of a list of such arrays. */
export function cutKind(kind: number): number {
  return cut + kind;
}

/** The bytes of a value, ready to be sent. */
export interface Payload {
  /** The kind of the value: see {@link nameOfKind}. */
  readonly kind: number;
  readonly bytes: Uint8Array;
  /** The number of elements of a typed array, or of bytes of another array; 0 for a plain value. */
  readonly length: number;
}

/** True for a value that is sent element by element. */
export function isArrayLike(value: unknown): value is ArrayBufferView | ArrayBuffer {
  return ArrayBuffer.isView(value) || types.isArrayBuffer(value);
}

/** @throws {DataCloneError} for a value that cannot be sent */
export function payloadOf(value: unknown): Payload {
  if (isArrayLike(value)) return payloadOfArray(value);
  const bytes = encode(value);
  return { kind: plainKind, bytes, length: 0 };
}

/** @throws {DataCloneError} if the array's memory is detached */
export function payloadOfArray(value: ArrayBufferView | ArrayBuffer): Payload {
  if (isDetached(ArrayBuffer.isView(value) ? value.buffer : value)) {
    throw new DataCloneError(
      'the value: its memory was transferred, and it cannot be sent any more',
    );
  }
  const bytes = usableBytes(memoryOf(value));
  const kind = kindOf(value);
  return { kind, bytes, length: bytes.byteLength / elementSize(kind) };
}

/** The kind of a view, or that of an ArrayBuffer. */
export function kindOf(value: ArrayBufferView | ArrayBuffer): number {
  return ArrayBuffer.isView(value) ? typeOfView(value) : arrayBufferKind;
}

/** The memory that `value` shows. */
export function memoryOf(value: ArrayBufferView | ArrayBuffer): Uint8Array {
  if (!ArrayBuffer.isView(value)) return new Uint8Array(value);
  const { buffer, byteOffset, byteLength } = extentOf(value);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * True if native code may use this memory for any length of time: neither another thread nor a resize takes it away.
 */
export function isUsable({ buffer }: Uint8Array): boolean {
  return (
    types.isArrayBuffer(buffer) &&
    (buffer as ArrayBuffer & { resizable?: boolean }).resizable !== true
  );
}

function usableBytes(memory: Uint8Array): Uint8Array {
  return isUsable(memory) ? memory : memory.slice();
}

/** The name of a kind in messages. */
export function nameOfKind(kind: number): string {
  if (kind >= cut) return `one ${nameOfKind(kind - cut)}`;
  if (kind > plainKind) return reducibleKinds[kind - plainKind - 1]!;
  if (kind === plainKind) return 'values of other kinds';
  if (kind === arrayBufferKind) return 'ArrayBuffer';
  if (kind === bufferType) return 'Buffer';
  return viewTypes[kind]?.name ?? 'Float16Array';
}

/** The number of bytes of an element; 1 for kinds without elements. */
export function elementSize(kind: number): number {
  // A Node.js without the class receives its elements all the same.
  if (kind === float16Kind) return 2;
  return viewTypes[kind]?.elementSize ?? 1;
}

const float16Kind = bufferType - 1;

/** The value whose payload was received as `bytes`, which become its memory. */
export function valueOf(kind: number, bytes: Uint8Array): unknown {
  if (kind === plainKind) return decode(bytes);
  const { buffer, byteOffset, byteLength } = bytes as Uint8Array<ArrayBuffer>;
  if (kind === bufferType) return Buffer.from(buffer, byteOffset, byteLength);
  if (kind === arrayBufferKind) {
    return byteLength === buffer.byteLength
      ? buffer
      : buffer.slice(byteOffset, byteOffset + byteLength);
  }
  const type = viewTypes[kind];
  if (type === undefined) throw new DataCloneError(`This Node.js has no ${nameOfKind(kind)}`);
  return new type.create(buffer, byteOffset, byteLength / type.elementSize);
}

// Memory from the addon is not filled with zeros first.
const largeFrom = 1 << 16;

/** Allocates memory to receive into. */
export function allocate(
  addon: Pick<CommunicatorAddon, 'allocate'>,
  byteLength: number,
): Uint8Array {
  return new Uint8Array(
    byteLength < largeFrom ? new ArrayBuffer(byteLength) : addon.allocate(byteLength),
  );
}

/** Precedes the bytes of the codec; JSON text begins with another byte. */
const structureMark = 1;
/** Aligns the words of the codec, so that they can be read in place. */
const structureAt = 8;

function encode(value: unknown): Uint8Array {
  const json = exactJson(value);
  if (typeof json === 'string') return Buffer.from(json);
  const context = { snapshot: undefined, functions: noFunctions, root: roots.value };
  const { bytes } = encodeStructure(value, context, json);
  const marked = new Uint8Array(structureAt + bytes.byteLength);
  marked[0] = structureMark;
  marked.set(bytes, structureAt);
  return marked;
}

function decode(bytes: Uint8Array): unknown {
  if (bytes[0] === structureMark)
    return decodeStructure(bytes.subarray(structureAt), [], noFunctions);
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
}
