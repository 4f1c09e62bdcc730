/**
 * Values as structured clones, their large buffers out of band.
 *
 * The stream of v8.Serializer holds everything but the contents of buffers from 2 KiB up: those are sent as messages of
 * their own, straight from and into their memory. Such views of one
 * buffer share it again on the other side, and of a
 * buffer of which only a part is used (Node's pool of small Buffers, a subarray) only that part travels.
 *
 * Layout: [u32 number of buffers][f64 first byte used, for each buffer][stream].
 */

import { Deserializer, Serializer } from 'node:v8';

import { DataCloneError } from '../errors.js';

/** Contents from this size up travel out of band. */
export const outOfBandFrom = 2048;

export interface StructuredValue {
  /** All but the out-of-band buffers. */
  readonly bytes: Uint8Array;
  readonly buffers: readonly ArrayBuffer[];
}

/** Makes the copy of a buffer's contents that is sent: later changes must not be seen. */
export type Snapshot = (bytes: Uint8Array) => ArrayBuffer;

type ViewConstructor = new (
  buffer: ArrayBuffer,
  byteOffset: number,
  length: number,
) => ArrayBufferView;

const globals = globalThis as unknown as Record<string, ViewConstructor | undefined>;
const viewTypes: readonly (ViewConstructor | undefined)[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
  globals.Float16Array,
];
const bufferType = viewTypes.length;
const inline = 0;
const outOfBand = 1;
const widestElement = 8;

/**
 * Encodes `value`. Buffers are copied by `snapshot`.
 *
 * @throws {DataCloneError} for what a structured clone refuses
 */
export function encodeStructured(value: unknown, snapshot: Snapshot): StructuredValue {
  const encoder = new Encoder();
  try {
    return encoder.encode(value, snapshot);
  } catch (cause) {
    if (cause instanceof DataCloneError) throw cause;
    throw new DataCloneError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** The inverse of {@link encodeStructured}; `buffers` become the memory of the result. */
export function decodeStructured(bytes: Uint8Array, buffers: readonly ArrayBuffer[]): unknown {
  return new Decoder(bytes, buffers).decode();
}

/** Number of out-of-band buffers that the encoded value `bytes` refers to. */
export function countBuffers(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
}

interface UsedBuffer {
  readonly buffer: ArrayBufferLike;
  readonly index: number;
  start: number;
  end: number;
}

class Encoder extends Serializer {
  readonly #used = new Map<ArrayBufferLike, UsedBuffer>();

  encode(value: unknown, snapshot: Snapshot): StructuredValue {
    // Not in the documentation, but how v8.DefaultSerializer gets its views: they come to _writeHostObject.
    (
      this as unknown as { _setTreatArrayBufferViewsAsHostObjects(on: boolean): void }
    )._setTreatArrayBufferViewsAsHostObjects(true);
    this.#registerArrayBuffers(value);
    this.writeHeader();
    this.writeValue(value);
    return this.#finish(snapshot);
  }

  // Raw ArrayBuffers do not come to _writeHostObject; those among the arguments are registered beforehand.
  #registerArrayBuffers(value: unknown): void {
    for (const candidate of Array.isArray(value) ? value : [value]) {
      if (!(candidate instanceof ArrayBuffer) || candidate.byteLength < outOfBandFrom) continue;
      const used = this.#use(candidate, 0, candidate.byteLength);
      this.transferArrayBuffer(used.index, candidate);
    }
  }

  _writeHostObject(object: object): void {
    if (!ArrayBuffer.isView(object))
      throw new DataCloneError(`${object.constructor.name} object could not be cloned.`);
    const type = typeOf(object);
    this.writeUint32(type);
    if (object.byteLength < outOfBandFrom) {
      this.writeUint32(inline);
      this.writeUint32(object.byteLength);
      this.writeRawBytes(bytesOf(object));
      return;
    }
    const used = this.#use(object.buffer, object.byteOffset, object.byteOffset + object.byteLength);
    this.writeUint32(outOfBand);
    this.writeUint32(used.index);
    this.writeDouble(object.byteOffset);
    this.writeDouble(object.byteLength);
  }

  #use(buffer: ArrayBufferLike, start: number, end: number): UsedBuffer {
    let used = this.#used.get(buffer);
    if (used === undefined) {
      used = { buffer, index: this.#used.size, start, end };
      this.#used.set(buffer, used);
    }
    used.start = Math.min(used.start, start);
    used.end = Math.max(used.end, end);
    return used;
  }

  #finish(snapshot: Snapshot): StructuredValue {
    const stream = this.releaseBuffer();
    const head = 4 + 8 * this.#used.size;
    const bytes = new Uint8Array(head + stream.byteLength);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, this.#used.size, true);
    const buffers = Array.from(this.#used.values(), ({ buffer, index, start, end }) => {
      const aligned = start - (start % widestElement);
      view.setFloat64(4 + 8 * index, aligned, true);
      return snapshot(new Uint8Array(buffer, aligned, end - aligned));
    });
    bytes.set(stream, head);
    return { bytes, buffers };
  }
}

class Decoder extends Deserializer {
  readonly #buffers: readonly ArrayBuffer[];
  readonly #starts: Float64Array;

  constructor(bytes: Uint8Array, buffers: readonly ArrayBuffer[]) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const count = view.getUint32(0, true);
    if (count !== buffers.length)
      throw new RangeError(`Expected ${count} buffers but received ${buffers.length}`);
    super(bytes.subarray(4 + 8 * count));
    this.#buffers = buffers;
    this.#starts = new Float64Array(count);
    for (let index = 0; index < count; index++)
      this.#starts[index] = view.getFloat64(4 + 8 * index, true);
    for (const [index, buffer] of buffers.entries()) this.transferArrayBuffer(index, buffer);
  }

  decode(): unknown {
    this.readHeader();
    return this.readValue();
  }

  _readHostObject(): unknown {
    const type = this.readUint32();
    if (this.readUint32() === inline) {
      const length = this.readUint32();
      const content = this.readRawBytes(length);
      const buffer = new ArrayBuffer(length);
      new Uint8Array(buffer).set(content);
      return viewOn(type, buffer, 0, length);
    }
    const index = this.readUint32();
    const byteOffset = this.readDouble() - (this.#starts[index] ?? NaN);
    const byteLength = this.readDouble();
    const buffer = this.#buffers[index];
    if (buffer === undefined)
      throw new RangeError(`Expected the index of a buffer but received ${index}`);
    return viewOn(type, buffer, byteOffset, byteLength);
  }
}

function typeOf(view: ArrayBufferView): number {
  if (Buffer.isBuffer(view)) return bufferType;
  const type = viewTypes.findIndex(
    (constructor) => constructor !== undefined && view instanceof constructor,
  );
  if (type < 0) throw new DataCloneError(`${view.constructor.name} object could not be cloned.`);
  return type;
}

function viewOn(
  type: number,
  buffer: ArrayBuffer,
  byteOffset: number,
  byteLength: number,
): ArrayBufferView {
  if (type === bufferType) return Buffer.from(buffer, byteOffset, byteLength);
  const constructor = viewTypes[type];
  if (constructor === undefined)
    throw new RangeError(`Expected the type of a view but received ${type}`);
  const elementSize = (constructor as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1;
  return new constructor(buffer, byteOffset, byteLength / elementSize);
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
