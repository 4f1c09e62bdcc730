/** ArrayBuffers and views on them. Their contents are written by buffers_out.ts. */

import { types } from 'node:util';

import { getterOf } from '../getters.js';
import { isDetached, isMoved } from '../buffers/move.js';
import { keysBesideElements, visitProperties } from '../own_properties.js';
import { refuse, Refusal } from '../refusing/refusals.js';
import { isResizable, tracksLength } from '../buffers/resizable.js';
import { atProperty } from '../refusing/steps.js';
import { bufferType, extentOf, indexCount, typeOfView, viewNames } from '../buffers/views.js';
import { defineKind } from './define_kind.js';
import type { ValueReader, ValueWriter } from './kind.js';

const byteLengthOf = getterOf(ArrayBuffer.prototype, 'byteLength');

/** ArrayBuffers. Only the range that its views use is sent, or the whole if the ArrayBuffer itself is in the value. */
export const arrayBuffer = defineKind<ArrayBuffer>({
  code: 32,
  classes: ['ArrayBuffer'],
  hasSlots: types.isArrayBuffer,
  /** Writes [number of the buffer]. */
  writeHead(out, buffer) {
    refuseDetached(buffer, buffer);
    out.word(out.buffers.use(buffer, 0, byteLengthOf.call(buffer) as number));
  },
  readHead: (input) => input.buffers.buffer(input.word()),
});

/** Typed arrays, DataViews and Buffers, which share their ArrayBuffer again on the other side. */
export const view = defineKind<ArrayBufferView>({
  code: 33,
  classes: ['Buffer', 'TypedArray', ...viewNames],
  hasSlots: (object) => ArrayBuffer.isView(object),
  argument: typeOfView,
  writeHead: writeView,
  readHead: readView,
  ownKeys,
  hasElements: true,
  // As in a structured clone: of views as they are only the content counts.
  ofClassOnly: true,
  visitChildren(view, visit, memo) {
    visit(extentOf(view).buffer, atProperty('buffer'));
    const above = Object.getPrototypeOf(view) as object | null;
    if (above === null || memo.prototypes.of(above).builtIn) return;
    const read = memo.asRead(view);
    visitProperties(read, visit, ownKeys(read));
  },
});

/** Writes [number of the buffer, bit 0: whether the length tracks that of the buffer][offset][length]. */
function writeView(out: ValueWriter, view: ArrayBufferView): void {
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

function readView(input: ValueReader, type: number): ArrayBufferView {
  const word = input.word();
  const byteOffset = input.size();
  const byteLength = (word & 1) === 1 ? undefined : input.size();
  return input.buffers.view(type, word >>> 1, byteOffset, byteLength);
}

function refuseDetached(culprit: object, buffer: ArrayBufferLike): void {
  if (!isDetached(buffer)) return;
  const why = isMoved(buffer) ? 'it was moved by an earlier submit' : 'its memory was transferred';
  throw new Refusal(culprit, `a detached buffer cannot be sent: ${why}`);
}

function ownKeys(view: ArrayBufferView): readonly string[] {
  return keysBesideElements(view, indexCount(view));
}
