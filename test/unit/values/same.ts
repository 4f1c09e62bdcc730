/** Compares two values in everything that a program can see, also in what is shared inside of them. */

import { types } from 'node:util';

interface Pair {
  readonly one: unknown;
  readonly other: unknown;
  readonly path: string;
}

/** Throws where `other` is not as `one`. */
export function expectSame(other: unknown, one: unknown): void {
  const partners = new Map<unknown, unknown>();
  const reverse = new Map<unknown, unknown>();
  const waiting: Pair[] = [{ one, other, path: 'value' }];

  function visit({ one, other, path }: Pair): void {
    if (!isObject(one) || !isObject(other)) {
      if (!Object.is(one, other)) differ(path, one, other);
      return;
    }
    if (partners.has(one) || reverse.has(other)) {
      if (partners.get(one) !== other || reverse.get(other) !== one)
        throw new Error(`${path} is shared differently`);
      return;
    }
    partners.set(one, other);
    reverse.set(other, one);
    // Objects that every process has.
    if (one === other) return;
    if (typeof one === 'function') differ(path, one, other);
    if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other))
      throw new Error(`${path} has another prototype`);
    if (Object.prototype.toString.call(one) !== Object.prototype.toString.call(other))
      differ(path, one, other);
    inside(one, other, path);
    if (!ArrayBuffer.isView(one)) properties(one, other, path);
  }

  function inside(one: object, other: object, path: string): void {
    const next = (a: unknown, b: unknown, step: string): void => {
      waiting.push({ one: a, other: b, path: path + step });
    };
    if (types.isMap(one))
      next(entriesOf(one), entriesOf(other as Map<unknown, unknown>), '.entries()');
    if (types.isSet(one)) next([...one], [...(other as Set<unknown>)], '.values()');
    if (types.isDate(one)) next(one.getTime(), (other as Date).getTime(), '.getTime()');
    if (types.isRegExp(one)) next(textOf(one), textOf(other), '.source');
    if (types.isBoxedPrimitive(one)) next(one.valueOf(), other.valueOf(), '.valueOf()');
    if (one instanceof URL || one instanceof URLSearchParams) next(textOf(one), textOf(other), '');
    if (types.isAnyArrayBuffer(one)) next(bytesOf(one), bytesOf(other as ArrayBuffer), ' bytes');
    if (ArrayBuffer.isView(one)) {
      const view = other as ArrayBufferView;
      next(one.byteLength, view.byteLength, '.byteLength');
      next(bytesOf(one), bytesOf(view), ' bytes');
    }
  }

  function properties(one: object, other: object, path: string): void {
    const keys = Reflect.ownKeys(one).filter(isCompared);
    const otherKeys = Reflect.ownKeys(other).filter(isCompared);
    const among = new Set(otherKeys);
    if (keys.length !== otherKeys.length || keys.some((key) => !among.has(key)))
      differ(`the keys of ${path}`, keys.map(String), otherKeys.map(String));
    for (const key of keys) {
      const a = Object.getOwnPropertyDescriptor(one, key)!;
      const b = Object.getOwnPropertyDescriptor(other, key)!;
      if (a.enumerable !== b.enumerable) throw new Error(`${path}.${String(key)}: enumerable`);
      waiting.push({
        one: Reflect.get(one, key),
        other: Reflect.get(other, key),
        path: `${path}.${String(key)}`,
      });
    }
    const order = (all: typeof keys): string => all.filter((key) => key !== 'length').join();
    if (!types.isNativeError(one) && order(Object.keys(one)) !== order(Object.keys(other)))
      throw new Error(`${path} has its keys in another order`);
  }

  for (const pair of waiting) visit(pair);
}

function entriesOf(map: Map<unknown, unknown>): unknown[] {
  return [...(Map.prototype.entries.call(map) as Iterable<unknown>)];
}

// Leaves out the position in a regular expression, the callee of arguments, and symbols that exist in one process only.
function isCompared(key: string | symbol): boolean {
  return typeof key === 'symbol'
    ? Symbol.keyFor(key) !== undefined || String(key).startsWith('Symbol(Symbol.')
    : key !== 'lastIndex' && key !== 'callee';
}

function bytesOf(data: ArrayBuffer | SharedArrayBuffer | ArrayBufferView): string {
  const bytes = ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data);
  return bytes.toString('latin1');
}

// For an object whose class converts it to a text.
function textOf(object: object): string {
  return object as unknown as string;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function differ(path: string, one: unknown, other: unknown): never {
  throw new Error(`${path} was ${String(one)} and is ${String(other)}`);
}
