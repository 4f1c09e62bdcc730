/**
 * The cheap path for small values: JSON, where it is exact.
 *
 * A batch of tasks whose values are all JSON is written and read by one call each, which is three to five times cheaper
 * than encoding each value. Exact means: what JSON.parse gives is what the codec would give. So no undefined, hole, NaN,
 * Infinity, −0, bigint, date, class instance, proxy, symbol, hidden property or `__proto__` as a key, and no object twice.
 * The text is written in the same walk that looks: each property is read once, also where the codec has to take over.
 */

import { types } from 'node:util';

import type { Readings } from './encoding_memo.js';
import { jsonOfPrimitive } from './kinds/primitive.js';
import { plainObject } from './kinds/object.js';
import { jsonForms, kindBySlots } from './kinds/table.js';

/** Above these the codec is the cheaper one. */
const mostNodes = 100;
const mostContainers = 16;

// One writer serves all values, but those that a getter sends while it is at work on another one.
let idle: JsonWriter | undefined;

/**
 * The JSON text of `value` if it is small and JSON keeps it exactly. Else the value is the codec's, which is given what
 * getters have said already: undefined where there were none.
 */
export function exactJson(value: unknown): string | Readings | undefined {
  if (typeof value === 'number') return jsonOfPrimitive(value);
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

type Container = Record<PropertyKey, unknown>;

/** Writes values whose kinds have a form in JSON. */
export class JsonWriter {
  #nodes = 0;
  // The objects met so far, their keys (of arrays: none) and the values read of them, in the order of the keys. Kept at
  // their length: to shorten an array costs more than all the rest of a small value.
  readonly #containers = new Array<object | undefined>(mostContainers).fill(undefined);
  readonly #keys = new Array<readonly string[] | undefined>(mostContainers).fill(undefined);
  readonly #values = new Array<unknown[] | undefined>(mostContainers).fill(undefined);
  #count = 0;

  /** The JSON text of `value`; undefined where it is not to be JSON. */
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

  /** True for an object that is something else than its prototype says; asked of those without properties. */
  hasSlots(object: object): boolean {
    return kindBySlots(object) !== plainObject;
  }

  /** True for a length that is certainly above the limit of nodes. */
  isTooLong(length: number): boolean {
    return length > mostNodes;
  }

  #isNew(object: object): boolean {
    const count = this.#count;
    if (count === mostContainers) return false;
    for (let index = 0; index < count; index++)
      if (this.#containers[index] === object) return false;
    return true;
  }

  /** From here on `container` is known, and read. */
  begin(container: object, keys: readonly string[] | undefined): unknown[] {
    const values: unknown[] = [];
    this.#containers[this.#count] = container;
    this.#keys[this.#count] = keys;
    this.#values[this.#count++] = values;
    return values;
  }

  /** Copies of the objects with getters, with the values that these have given so far; undefined where there are none. */
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

/** True if reading `container` had no consequences: it has no getters, and its keys are still the same. */
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
