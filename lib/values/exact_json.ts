/**
 * The cheap encoding of small values: JSON, where it is exact. A batch of tasks whose values are all JSON is written
 * and read by one call each, which is three to five times cheaper than encoding each value.
 *
 * Exact means that JSON.parse gives what the codec would give. This excludes undefined, holes, NaN, Infinity, −0,
 * bigints, dates, class instances, proxies, symbols, hidden properties, `__proto__` as a key, and an object that occurs
 * twice. The text is written in the same walk that checks this: each property is read once, even if the codec has to
 * take over.
 */

import { types } from 'node:util';

import type { Readings } from './encoding_memo.js';
import type { JsonRead, JsonValueWriter } from './kinds/kind.js';
import { jsonOfPrimitive } from './kinds/primitive.js';
import { plainObject } from './kinds/object.js';
import { jsonForms, kindBySlots } from './kinds/table.js';

/** Above these limits the codec is cheaper. */
const mostNodes = 100;
const mostContainers = 16;

// One writer serves all values, except those that a getter sends while the writer is in use.
let idle: JsonWriter | undefined;

/**
 * The JSON text of `value` if it is small and JSON keeps it exactly. Otherwise the codec encodes it, and gets the
 * values that getters have given so far; undefined if there are none.
 */
export function exactJson(value: unknown): string | Readings | undefined {
  return typeof value === 'number' ? jsonOfPrimitive(value) : written(value, undefined);
}

/** The exact JSON of the first `length` elements of a list that this package has made, which has only elements. */
export function exactJsonOfList(
  list: readonly unknown[],
  length: number,
): string | Readings | undefined {
  return written(list, length);
}

function written(value: unknown, length: number | undefined): string | Readings | undefined {
  const writer = idle ?? new JsonWriter();
  idle = undefined;
  try {
    const text =
      length === undefined
        ? writer.write(value)
        : writer.elements(value as readonly unknown[], length, undefined);
    return text ?? writer.readings();
  } catch (error) {
    return writer.readings({ error }); // a getter has thrown; the codec will say which
  } finally {
    writer.clear();
    idle = writer;
  }
}

type Container = Record<PropertyKey, unknown>;

/**
 * One object of a value, with what was read of it. It is used again for later values: growing a new list would cost more than
 * everything else for a small value.
 */
export class ObjectRead implements JsonRead {
  object: object | undefined;
  /** The keys that were read; undefined for an array: all of its elements. */
  keys: readonly string[] | undefined;
  /** The number of elements of an array when it was met. */
  length = 0;
  /** The values in the order of the keys. There is room for {@link mostNodes} and the one that exceeds them. */
  readonly values = new Array<unknown>(mostNodes + 1).fill(undefined);
  count = 0;

  add(value: unknown): void {
    this.values[this.count++] = value;
  }

  clear(): void {
    for (let index = 0; index < this.count; index++) this.values[index] = undefined;
    this.count = 0;
    this.object = this.keys = undefined;
  }
}

/** Writes values whose kinds have a form in JSON. */
export class JsonWriter implements JsonValueWriter {
  #nodes = 0;
  /** The objects met so far come first; those behind are left from earlier values. */
  readonly #objects: ObjectRead[] = [];
  #count = 0;

  /** The JSON text of `value`; undefined if it is not to be written as JSON. */
  write(value: unknown): string | undefined {
    if (++this.#nodes > mostNodes) return undefined;
    return typeof value === 'object' && value !== null
      ? this.#object(value)
      : jsonOfPrimitive(value);
  }

  #object(object: object): string | undefined {
    if (!this.#isNew(object) || types.isProxy(object)) return undefined;
    const prototype: unknown = Object.getPrototypeOf(object);
    for (const json of jsonForms) if (json.prototype === prototype) return json.write(this, object);
    return undefined;
  }

  /** True for an object that its prototype does not describe. Checked for objects without properties. */
  hasSlots(object: object): boolean {
    return kindBySlots(object) !== plainObject;
  }

  /** True if an array of this length certainly exceeds the limit of nodes. */
  isTooLong(length: number): boolean {
    return length > mostNodes;
  }

  #isNew(object: object): boolean {
    const count = this.#count;
    if (count === mostContainers) return false;
    for (let index = 0; index < count; index++)
      if (this.#objects[index]!.object === object) return false;
    return true;
  }

  /** Notes that `object` was met, and keeps what is read of it. */
  begin(object: object, keys: readonly string[] | undefined): ObjectRead {
    const read = (this.#objects[this.#count++] ??= new ObjectRead());
    read.object = object;
    read.keys = keys;
    if (keys === undefined) read.length = (object as readonly unknown[]).length;
    return read;
  }

  /** The text of the first `length` elements of an array that has no holes. */
  elements(
    array: readonly unknown[],
    length: number,
    read: JsonRead | undefined,
  ): string | undefined {
    if (length > mostNodes) return undefined;
    let text = '';
    for (let index = 0; index < length; index++) {
      const element = array[index];
      read?.add(element);
      const elementText = this.write(element);
      if (elementText === undefined) return undefined;
      text += index === 0 ? elementText : `,${elementText}`;
    }
    return `[${text}]`;
  }

  /**
   * Copies of the objects, with what has been read of them so far; undefined if no getter was among it. All of them, because a getter
   * may have changed an object that was read before.
   *
   * @param thrown - what the getter has thrown at which the reading ended: it is not asked again
   */
  readings(thrown?: Thrown): Readings | undefined {
    const met = this.#objects.slice(0, this.#count);
    if (met.every(isData)) return undefined;
    const innermost = met.findLast((read) => read.count < lengthOf(read)); // of those that are not read to their end
    const readings = new Map<object, object>();
    for (const read of met)
      readings.set(read.object!, asRead(read, read === innermost ? thrown : undefined));
    return readings;
  }

  /** Forgets the current value. */
  clear(): void {
    for (let number = 0; number < this.#count; number++) this.#objects[number]!.clear();
    this.#count = 0;
    this.#nodes = 0;
  }
}

/** The error, or another value, that a getter has thrown. */
interface Thrown {
  readonly error: unknown;
}

/** The number of properties to be read. */
function lengthOf({ keys, length }: ObjectRead): number {
  return keys?.length ?? length;
}

/** True if reading the object had no consequences: it has no getters, and its keys are still the same. */
function isData(read: ObjectRead): boolean {
  const { object, keys } = read;
  const present = Object.keys(object!);
  return (
    present.length === lengthOf(read) &&
    (keys ?? present).every(
      (key) => Object.getOwnPropertyDescriptor(object, key)?.get === undefined,
    )
  );
}

/**
 * The object with its first properties as they were read; the rest of them is read when it is asked for.
 *
 * @param thrown - what the first of the rest has thrown
 */
function asRead(
  { object, keys, length, values, count }: ObjectRead,
  thrown: Thrown | undefined,
): object {
  const source = object as Container;
  const copy = (keys === undefined ? new Array<unknown>(length) : Object.create(null)) as Container;
  const all = keys ?? Array.from({ length }, (_, index) => String(index));
  for (const [index, key] of all.entries()) {
    const isRead = index < count;
    const isHole =
      keys === undefined && !(isRead && values[index] !== undefined) && !(key in source);
    if (isHole) continue; // made by a getter
    const read = (): unknown => {
      if (thrown !== undefined && index === count) throw thrown.error;
      return source[key];
    };
    const property = isRead ? { value: values[index] } : { get: read };
    Object.defineProperty(copy, key, { ...property, enumerable: true });
  }
  return copy;
}
