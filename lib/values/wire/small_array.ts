/**
 * The encoding of a value that is one small typed array, as results of numerical tasks often are: its type and its
 * contents, without the words and tables that other values need.
 */

import { types } from 'node:util';

import { outOfBandFrom } from '../buffers/buffers_out.js';
import { damaged } from './damage.js';
import { isMoved } from '../buffers/move.js';
import { isResizable } from '../buffers/resizable.js';
import { extentOf, typeOfView, viewTypes } from '../buffers/views.js';

/** The first byte; no other encoded value begins with it (codes.ts, `format`). */
const mark = 0x61;
const headBytes = 8;

/** The encoded array, or undefined if `value` is anything else. */
export function encodeSmallArray(value: unknown): Uint8Array | undefined {
  if (!types.isTypedArray(value)) return undefined;
  const { buffer, byteOffset, byteLength } = extentOf(value);
  if (byteLength === 0 || byteLength >= outOfBandFrom) return undefined;
  const isWhole = byteOffset === 0 && buffer.byteLength === byteLength;
  if (!isWhole || types.isSharedArrayBuffer(buffer) || isResizable(buffer) || isMoved(buffer))
    return undefined;
  const type = typeOfView(value);
  if (viewTypes[type]?.create.prototype !== Object.getPrototypeOf(value)) return undefined;
  const bytes = Buffer.allocUnsafe(headBytes + byteLength);
  bytes.fill(0, 0, headBytes);
  bytes[0] = mark;
  bytes[1] = type;
  bytes.set(new Uint8Array(buffer), headBytes);
  return bytes;
}

/** True for bytes that {@link encodeSmallArray} wrote. */
export function isSmallArray(bytes: Uint8Array): boolean {
  return bytes[0] === mark;
}

/** @throws {DataCloneError} for damaged bytes */
export function decodeSmallArray(bytes: Uint8Array): ArrayBufferView {
  const type = viewTypes[bytes[1] ?? 0];
  if (bytes.byteLength <= headBytes || type === undefined)
    throw damaged('a small array is cut off or of an unknown type');
  const { byteLength } = bytes;
  if ((byteLength - headBytes) % type.elementSize !== 0)
    throw damaged('a small array has half an element');
  const contents = new Uint8Array(byteLength - headBytes);
  contents.set(bytes.subarray(headBytes));
  return type.create === Uint8Array ? contents : new type.create(contents.buffer, 0);
}
