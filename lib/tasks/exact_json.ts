/**
 * The cheap path for small values: JSON, where it is exact.
 *
 * A batch of tasks whose values are all JSON is written and read by one call each, which is three to five times cheaper
 * than encoding each value. Exact means: what JSON.parse gives is what the codec would give. So no undefined, hole, NaN,
 * Infinity, −0, bigint, date, class instance, proxy, symbol, hidden property or `__proto__` as a key, and no object twice.
 * The text is written in the same walk that looks: each property is read once, also where the codec has to take over.
 */

import { types } from 'node:util';

import type { Readings } from './values/knowledge.js';

/** Above these the codec is the cheaper one. */
const mostNodes = 100;
const mostContainers = 16;
const longestString = 4096;

// As it was before any task could replace it. Of texts it calls no toJSON.
const { stringify } = JSON;

// One writer serves all values, but those that a getter sends while it is at work on another one.
let idle: JsonWriter | undefined;

/**
 * The JSON text of `value` if it is small and JSON keeps it exactly. Else the value is the codec's, which is given what
 * getters have said already: undefined where there were none.
 */
export function exactJson(value: unknown): string | Readings | undefined {
  if (typeof value === 'number') return textOfNumber(value);
  const writer = idle ?? new JsonWriter();
  idle = undefined;
  try {
    return writer.write(value) ?? writer.readings();
  } catch {
    return writer.readings(); // a getter has thrown; the codec will say which
  } finally {
    writer.clear();
    idle = writer;
  }
}

function textOfNumber(value: number): string | undefined {
  return Number.isFinite(value) && !Object.is(value, -0) ? String(value) : undefined;
}

type Container = Record<PropertyKey, unknown>;

class JsonWriter {
  #nodes = 0;
  // The objects met so far, their keys (of arrays: none) and the values read of them, in the order of the keys. Kept at
  // their length: to shorten an array costs more than all the rest of a small value.
  readonly #containers = new Array<object | undefined>(mostContainers).fill(undefined);
  readonly #keys = new Array<readonly string[] | undefined>(mostContainers).fill(undefined);
  readonly #values = new Array<unknown[] | undefined>(mostContainers).fill(undefined);
  #count = 0;

  write(value: unknown): string | undefined {
    if (++this.#nodes > mostNodes) return undefined;
    switch (typeof value) {
      case 'number':
        return textOfNumber(value);
      case 'string':
        return value.length <= longestString ? stringify(value) : undefined;
      case 'boolean':
        return value ? 'true' : 'false';
      case 'object':
        return value === null ? 'null' : this.#object(value);
      default:
        return undefined;
    }
  }

  #object(object: object): string | undefined {
    if (!this.#isNew(object) || types.isProxy(object)) return undefined;
    const prototype: unknown = Object.getPrototypeOf(object);
    if (prototype === Object.prototype) return this.#record(object as Container);
    return prototype === Array.prototype && Array.isArray(object) ? this.#array(object) : undefined;
  }

  #isNew(object: object): boolean {
    const count = this.#count;
    if (count === mostContainers) return false;
    for (let index = 0; index < count; index++)
      if (this.#containers[index] === object) return false;
    return true;
  }

  #record(record: Container): string | undefined {
    const keys = Object.keys(record);
    if (Object.getOwnPropertyNames(record).length !== keys.length || hasSymbols(record))
      return undefined;
    const values = this.#begin(record, keys);
    let text = '';
    for (const key of keys) {
      if (key === '__proto__' || key.length > longestString) return undefined;
      const value = record[key];
      values.push(value);
      const valueText = this.write(value);
      if (valueText === undefined) return undefined;
      text += `${text === '' ? '' : ','}${stringify(key)}:${valueText}`;
    }
    return `{${text}}`;
  }

  #array(array: readonly unknown[]): string | undefined {
    const { length } = array;
    if (length > mostNodes || !hasOnlyElements(array, length) || hasSymbols(array))
      return undefined;
    const values = this.#begin(array, undefined);
    let text = '';
    for (let index = 0; index < length; index++) {
      const element = array[index];
      values.push(element);
      const elementText = this.write(element);
      if (elementText === undefined) return undefined;
      text += index === 0 ? elementText : `,${elementText}`;
    }
    return `[${text}]`;
  }

  /** From here on `container` is known, and read. */
  #begin(container: object, keys: readonly string[] | undefined): unknown[] {
    const values: unknown[] = [];
    this.#containers[this.#count] = container;
    this.#keys[this.#count] = keys;
    this.#values[this.#count++] = values;
    return values;
  }

  /** What the objects with getters have said so far. */
  readings(): Readings | undefined {
    let readings: Map<object, object> | undefined;
    for (let number = 0; number < this.#count; number++) {
      const container = this.#containers[number] as Container;
      const keys = this.#keys[number] ?? Object.keys(container);
      if (isData(container, keys)) continue;
      readings ??= new Map();
      readings.set(container, asRead(container, keys, this.#values[number]!));
    }
    return readings;
  }

  /** Forgets the value. */
  clear(): void {
    for (let number = 0; number < this.#count; number++)
      this.#containers[number] = this.#keys[number] = this.#values[number] = undefined;
    this.#count = 0;
    this.#nodes = 0;
  }
}

function hasSymbols(object: object): boolean {
  return Object.getOwnPropertySymbols(object).length > 0;
}

// Indices come first, so where the last key is the last index all of them are there, and nothing else.
function hasOnlyElements(array: readonly unknown[], length: number): boolean {
  const keys = Object.keys(array);
  return keys.length === length && (length === 0 || keys[length - 1] === String(length - 1));
}

/** Whether to read `container` is without consequences, and was. */
function isData(container: object, keys: readonly string[]): boolean {
  return (
    Object.keys(container).length === keys.length &&
    keys.every((key) => Object.getOwnPropertyDescriptor(container, key)?.get === undefined)
  );
}

/** `container` with its first properties as they were read; the rest of them is read when it is asked for. */
function asRead(container: Container, keys: readonly string[], values: unknown[]): object {
  const copy = (Array.isArray(container) ? [] : Object.create(null)) as Container;
  for (const [index, key] of keys.entries()) {
    const property =
      index < values.length ? { value: values[index] } : { get: () => container[key] };
    Object.defineProperty(copy, key, { ...property, enumerable: true });
  }
  return copy;
}
