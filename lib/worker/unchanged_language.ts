/**
 * Keeps the built-in objects of the language for this package's own code as they were when this worker started. A task
 * may replace or delete objects that all code of its process shares, be it Array.prototype.push or the global Promise.
 * The package's own code then gets the originals, and the program's code gets what the task has left.
 *
 * The check for changes takes 50 ns after every task: V8 folds all the comparisons in one function into checks that it
 * makes anyway.
 */

import { Script } from 'node:vm';

import { endBroken } from './end_broken.js';

interface Shared {
  readonly owner: object;
  readonly key: PropertyKey;
  /** Undefined if the property does not exist, but a task might add it. */
  readonly original: PropertyDescriptor | undefined;
}

interface Change extends Shared {
  /** The property as the program has left it; undefined if it was deleted. */
  readonly theirs: PropertyDescriptor | undefined;
}

const { apply, defineProperty, deleteProperty, getOwnPropertyDescriptor } = Reflect;
const { getPrototypeOf, ownKeys, setPrototypeOf } = Reflect;

/** The globals that this package's own code on a worker uses, less those that Node.js would have to load. */
const globalNames = [
  ...['Array', 'BigInt', 'Boolean', 'Buffer', 'DataView', 'Date', 'Error', 'EvalError', 'Function'],
  ...['JSON', 'Map', 'Math', 'Number', 'Object', 'Promise', 'Proxy', 'RangeError', 'Reflect'],
  ...[
    'ReferenceError',
    'RegExp',
    'Set',
    'String',
    'Symbol',
    'SyntaxError',
    'TypeError',
    'URIError',
  ],
  ...['ArrayBuffer', 'Float32Array', 'Float64Array', 'Int32Array', 'Uint8Array', 'BigInt64Array'],
  ...['FinalizationRegistry', 'SharedArrayBuffer', 'URL', 'URLSearchParams', 'WeakMap', 'WeakRef'],
  ...['WeakSet', 'clearInterval', 'clearTimeout', 'globalThis', 'performance', 'process'],
  ...['queueMicrotask', 'setImmediate', 'setInterval', 'setTimeout'],
];

const withMethods: readonly object[] = [
  ...[Array, BigInt, JSON, Math, Number, Object, Promise, Reflect],
  ...[Array, ArrayBuffer, DataView, Function, Map, Promise, RegExp, Set, String, WeakMap].map(
    (type) => type.prototype as object,
  ),
  ...[[].values(), new Map().entries(), new Set().values()].map((each) => getPrototypeOf(each)!),
  getPrototypeOf(Uint8Array.prototype)!,
  getPrototypeOf(performance)!,
];

const globalObject = globalThis;
const shared = findShared();
const isIntact = compileCheck();

/** The depth of own code that is called by own code. */
let depth = 0;
let changes: Change[] | undefined;

/** Runs own code with the built-in objects as they were at the start. */
export function asOwn<T>(call: () => T): T {
  if (depth++ === 0) putBack();
  try {
    return call();
  } finally {
    if (--depth === 0) giveBack();
  }
}

/** Runs code that must not fail: an error ends the worker. */
export function vital(call: () => void): void {
  try {
    asOwn(call);
  } catch (error) {
    endBroken(error);
  }
}

/** Calls a function of the program from own code. */
export function callTheirs(fn: (...args: never[]) => unknown, args: readonly never[]): unknown {
  const outer = depth;
  depth = 0;
  giveBack();
  try {
    return apply(fn, undefined, args);
  } finally {
    putBack();
    depth = outer;
  }
}

/** Restores the original built-in objects, after code of the program has run. */
function putBack(): void {
  try {
    if (isIntact()) return;
  } catch {
    // A getter has thrown, or a global is gone.
  }
  const found: Change[] = [];
  // eslint-disable-next-line @typescript-eslint/prefer-for-of -- the iterator of arrays may have been changed
  for (let index = 0; index < shared.length; index++) {
    const { owner, key, original } = shared[index]!;
    const theirs = descriptorOf(owner, key);
    if (isSame(theirs, original, owner)) continue;
    const done =
      original === undefined ? deleteProperty(owner, key) : defineProperty(owner, key, original);
    if (!done)
      endBroken(
        new Error(
          `A task has redefined the built-in ${String(key)} as not configurable, so that it cannot be restored`,
        ),
      );
    found[found.length] = { owner, key, original, theirs };
  }
  changes = found;
}

/** Gives back the program's built-in objects, before code of the program runs. */
function giveBack(): void {
  if (changes === undefined) return;
  const made = changes;
  changes = undefined;
  // eslint-disable-next-line @typescript-eslint/prefer-for-of -- it may be given back its change meanwhile
  for (let index = 0; index < made.length; index++) {
    const { owner, key, theirs } = made[index]!;
    if (theirs === undefined) deleteProperty(owner, key);
    else defineProperty(owner, key, theirs);
  }
}

function isSame(
  theirs: PropertyDescriptor | undefined,
  original: PropertyDescriptor | undefined,
  owner: object,
): boolean {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its owner
  const get = theirs?.get;
  if (get === undefined || original === undefined || original.get !== undefined)
    return theirs?.value === original?.value && get === original?.get;
  try {
    return apply(get, owner, []) === original.value;
  } catch {
    return false;
  }
}

function findShared(): Shared[] {
  const found: Shared[] = [];
  for (const name of globalNames) found.push(globalAt(name));
  for (const owner of withMethods) {
    for (const key of ownKeys(owner)) {
      const each = sharedAt(owner, key);
      if (key !== 'constructor' && typeof each.original?.value === 'function') found.push(each);
    }
  }
  found.push(sharedAt(performance, 'now'), sharedAt(Array, Symbol.species));
  return found;
}

/** The descriptor of a property. It has no prototype, because defineProperty also reads inherited fields. */
export function descriptorOf(owner: object, key: PropertyKey): PropertyDescriptor | undefined {
  const descriptor = getOwnPropertyDescriptor(owner, key);
  return descriptor && (setPrototypeOf(descriptor, null), descriptor);
}

/** A global of Node.js. Some have a getter and a setter, which hide the value; this package uses the value itself. */
function globalAt(key: string): Shared {
  const value = (globalThis as Record<string, unknown>)[key];
  const { enumerable = false } = getOwnPropertyDescriptor(globalThis, key) ?? {};
  const original = { value, enumerable, writable: true, configurable: true };
  setPrototypeOf(original, null);
  return { owner: globalObject, key, original };
}

function sharedAt(owner: object, key: PropertyKey): Shared {
  return { owner, key, original: descriptorOf(owner, key) };
}

/** Compiles one function that compares all of them. */
function compileCheck(): () => boolean {
  const names: string[] = [];
  const values: unknown[] = [];
  const named = (value: unknown): string => {
    let index = values.indexOf(value);
    if (index < 0) index = values.push(value) - 1;
    return (names[index] ??= `_${index}`);
  };
  const comparisons = shared.map(({ owner, key }) => {
    const value = named((owner as Record<PropertyKey, unknown>)[key]);
    if (owner === globalObject) return `${String(key)}===${value}`;
    const access = typeof key === 'symbol' ? named(key) : JSON.stringify(key);
    return `${named(owner)}[${access}]===${value}`;
  });
  const text = `(${names.join()})=>()=>${comparisons.join('&&')}`;
  const make = new Script(text).runInThisContext() as (...values: unknown[]) => () => boolean;
  return make(...values);
}
