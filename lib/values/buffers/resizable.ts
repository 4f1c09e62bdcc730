/** Resizable ArrayBuffers, which the TypeScript library used here does not have yet. */

import { extentOf } from './views.js';

interface Resizable {
  readonly resizable?: boolean;
  readonly maxByteLength: number;
  resize(length: number): void;
}

/** True for a buffer that was made with a `maxByteLength`. */
export function isResizable(buffer: ArrayBufferLike): boolean {
  return (buffer as unknown as Resizable).resizable === true;
}

/** The largest size in bytes of a resizable buffer; undefined for others. */
export function maxByteLengthOf(buffer: ArrayBufferLike): number {
  return (buffer as unknown as Resizable).maxByteLength;
}

/** Makes a resizable buffer of `length` zeros. */
export function createResizable(length: number, maxByteLength: number): ArrayBuffer {
  return new (ArrayBuffer as new (length: number, options: object) => ArrayBuffer)(length, {
    maxByteLength,
  });
}

/**
 * True if the length of `view` follows that of its resizable buffer. No property shows this, so the buffer is resized
 * for a moment, within this call.
 */
export function tracksLength(view: ArrayBufferView): boolean {
  const { buffer, byteOffset, byteLength } = extentOf(view);
  const end = byteOffset + byteLength;
  const { byteLength: length } = buffer;
  const resizable = buffer as unknown as Resizable;
  if (length - end >= widest || !isResizable(buffer)) return false;
  if (length + widest <= resizable.maxByteLength) {
    resizable.resize(length + widest);
    const tracks = extentOf(view).byteLength !== byteLength;
    resizable.resize(length);
    return tracks;
  }
  if (byteLength === 0) return false;
  // At its largest: one byte less puts a view of fixed length out of bounds, and then it cannot be read.
  const saved = new Uint8Array(buffer, end - 1).slice();
  resizable.resize(end - 1);
  const tracks = isInBounds(view);
  resizable.resize(length);
  new Uint8Array(buffer).set(saved, end - 1);
  return tracks;
}

/** The size in bytes of the widest elements of views. */
const widest = 8;

function isInBounds(view: ArrayBufferView): boolean {
  try {
    if (view instanceof DataView) return view.byteLength >= 0;
    Uint8Array.prototype.at.call(view as Uint8Array, 0);
    return true;
  } catch {
    return false;
  }
}
