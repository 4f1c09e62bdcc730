/**
 * Views on buffers: their types and memory, read from internal slots, not from properties that a class may override.
 */

import { types } from 'node:util';

import { getterOf } from '../getters.js';

interface ViewConstructor {
  new (buffer: ArrayBuffer, byteOffset: number, length?: number): ArrayBufferView;
  readonly prototype: object;
}

/** A class of views in this Node.js. */
export interface ViewType {
  readonly name: string;
  readonly create: ViewConstructor;
  readonly elementSize: number;
}

/** The classes of views. Their order gives their numbers on the wire: new ones come last. */
export const viewNames: readonly string[] = [
  'DataView',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'Float16Array',
];

/** The classes by number; undefined where this Node.js lacks one. */
export const viewTypes: readonly (ViewType | undefined)[] = viewNames.map((name) => {
  const create = (globalThis as Record<string, unknown>)[name] as
    (ViewConstructor & { BYTES_PER_ELEMENT?: number }) | undefined;
  return create && { name, create, elementSize: create.BYTES_PER_ELEMENT ?? 1 };
});

/** The number of Buffer, which is a Uint8Array of another prototype. */
export const bufferType = viewNames.length;
const numbers = new Map(viewNames.map((name, number) => [name, number]));

/** The number of the type of `view`. */
export function typeOfView(view: ArrayBufferView): number {
  if (Buffer.isBuffer(view)) return bufferType;
  if (types.isDataView(view)) return 0;
  return numbers.get(typedArrayName.call(view) as string)!;
}

interface Extent {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** The memory of `view`, even if its class has a `buffer` or `byteLength` of its own. */
export function extentOf(view: ArrayBufferView): Extent {
  return types.isDataView(view)
    ? {
        buffer: dataView.buffer.call(view) as ArrayBufferLike,
        byteOffset: dataView.byteOffset.call(view) as number,
        byteLength: dataView.byteLength.call(view) as number,
      }
    : {
        buffer: typedArray.buffer.call(view) as ArrayBufferLike,
        byteOffset: typedArray.byteOffset.call(view) as number,
        byteLength: typedArray.byteLength.call(view) as number,
      };
}

const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;
const typedArrayName = getterOf(typedArrayPrototype, Symbol.toStringTag);
const typedArray = {
  buffer: getterOf(typedArrayPrototype, 'buffer'),
  byteOffset: getterOf(typedArrayPrototype, 'byteOffset'),
  byteLength: getterOf(typedArrayPrototype, 'byteLength'),
};
const dataView = {
  buffer: getterOf(DataView.prototype, 'buffer'),
  byteOffset: getterOf(DataView.prototype, 'byteOffset'),
  byteLength: getterOf(DataView.prototype, 'byteLength'),
};

/** The number of elements that `view` enumerates as properties. */
export function indexCount(view: ArrayBufferView): number {
  if (types.isDataView(view)) return 0;
  return extentOf(view).byteLength / (viewTypes[typeOfView(view)]?.elementSize ?? 1);
}
