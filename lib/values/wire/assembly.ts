/** Assembles an encoded value, and reads its head. */

import { pageBytes, pageWord, writePage } from './text.js';
import { bufferRow, format, head } from './codes.js';
import { damaged } from './damage.js';
import type { BufferWriter } from '../buffers/buffers_out.js';
import type { Snapshot } from '../buffers/snapshot.js';
import { isSmallArray } from './small_array.js';
import type { ShapeWriter } from './shapes.js';
import type { TextWriter } from './text.js';
import type { WordWriter } from './words.js';

/** An encoded value, as it is sent. */
export interface EncodedStructure {
  /** All bytes except the out-of-band buffers. */
  readonly bytes: Uint8Array;
  readonly buffers: readonly ArrayBuffer[];
  /** The ids of its functions and well-known objects. */
  readonly functions: readonly number[];
}

interface Columns extends WordWriter {
  readonly texts: TextWriter;
  readonly shapes: ShapeWriter;
  readonly buffers: BufferWriter;
  /** The ids of its functions and well-known objects. */
  readonly functions: ReadonlySet<number>;
}

const noFunctionIds: readonly number[] = [];

/** Writes the tables and puts all columns into one piece. */
export function assemble(
  columns: Columns,
  packed: number,
  snapshot: Snapshot | undefined,
): EncodedStructure {
  const { buffers, functions } = columns;
  columns.alignToEven();
  const tables = columns.at;
  buffers.finish(snapshot);
  for (const id of functions) columns.word(id);
  const shapes = columns.shapes.take();
  const pages = columns.texts.take(shapes);
  for (const page of pages) columns.word(pageWord(page));
  columns.alignToEven();
  const { words } = columns;
  words[head.format] = format;
  words[head.words] = columns.at;
  words[head.tables] = tables;
  words[head.buffers] = buffers.count;
  words[head.outOfBandBuffers] = buffers.outOfBand.length;
  words[head.functions] = functions.size;
  words[head.pages] = pages.length;
  words[head.shapesLength] = shapes.length;
  words[head.packed] = packed;
  words[head.packed + 1] = 0;

  const inlineAt = 4 * columns.at;
  let length = inlineAt;
  for (const content of buffers.inline) length += content.byteLength + (-content.byteLength & 7);
  for (const page of pages) length += pageBytes(page);
  const bytes = Buffer.allocUnsafe(length);
  bytes.set(new Uint8Array(words.buffer, 0, inlineAt));
  let at = inlineAt;
  for (const content of buffers.inline) {
    bytes.set(content, at);
    at += content.byteLength;
    const padded = at + (-at & 7);
    bytes.fill(0, at, padded);
    at = padded;
  }
  for (const page of pages) at = writePage(page, bytes, at);
  return {
    bytes,
    buffers: buffers.outOfBand,
    functions: functions.size === 0 ? noFunctionIds : [...functions],
  };
}

/** The number of out-of-band buffers that the encoded value `bytes` refers to. */
export function countBuffers(bytes: Uint8Array): number {
  if (isSmallArray(bytes)) return 0;
  return headOf(bytes).getUint32(4 * head.outOfBandBuffers, true);
}

/** The ids of the functions and well-known objects in the encoded value `bytes`. */
export function functionsIn(bytes: Uint8Array): readonly number[] {
  if (isSmallArray(bytes)) return noFunctionIds;
  const view = headOf(bytes);
  const count = view.getUint32(4 * head.functions, true);
  if (count === 0) return noFunctionIds;
  const first = functionsAt(
    view.getUint32(4 * head.tables, true),
    view.getUint32(4 * head.buffers, true),
  );
  if (4 * (first + count) > bytes.byteLength) throw damaged('the list of functions is cut off');
  return Array.from({ length: count }, (_, index) => view.getInt32(4 * (first + index), true));
}

/** The index of the word at which the ids of functions begin. */
function functionsAt(tables: number, buffers: number): number {
  return tables + bufferRow.size * buffers;
}

function headOf(bytes: Uint8Array): DataView {
  if (bytes.byteLength < 4 * head.size) throw damaged('its head is cut off');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getInt32(4 * head.format, true) !== format) throw damaged('its format is unknown');
  return view;
}
