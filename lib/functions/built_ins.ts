/**
 * Functions and objects that every Node.js process has: `Math.pow`, `join` of `node:path`, `process`, `fs`. They are
 * sent as the path by which they are reached. The tables are made when the first native function or object is met.
 */

import { EventEmitter, on } from 'node:events';
import { builtinModules } from 'node:module';
import { getPriority } from 'node:os';
import { types } from 'node:util';
import { runInNewContext, runInThisContext } from 'node:vm';

import { attempt } from '../attempt.js';
import * as errors from '../errors.js';
import { isEnvironment } from '../values/environment.js';

/** A module ('node:path'), or '' for a global, followed by names. */
export type BuiltInPath = readonly string[];

const mainRealm = runInThisContext('globalThis') as Record<string, unknown>;

/** The globals of Node.js that the language does not have. */
const nodeGlobals = [
  'AbortController',
  'AbortSignal',
  'Blob',
  'BroadcastChannel',
  'Buffer',
  'ByteLengthQueuingStrategy',
  'CompressionStream',
  'CountQueuingStrategy',
  'Crypto',
  'CryptoKey',
  'CustomEvent',
  'DOMException',
  'DecompressionStream',
  'Event',
  'EventTarget',
  'File',
  'FormData',
  'Headers',
  'MessageChannel',
  'MessageEvent',
  'MessagePort',
  'Performance',
  'PerformanceEntry',
  'PerformanceMark',
  'PerformanceMeasure',
  'PerformanceObserver',
  'PerformanceObserverEntryList',
  'PerformanceResourceTiming',
  'ReadableStream',
  'Request',
  'Response',
  'SubtleCrypto',
  'TextDecoder',
  'TextDecoderStream',
  'TextEncoder',
  'TextEncoderStream',
  'TransformStream',
  'URL',
  'URLSearchParams',
  'WebAssembly',
  'WebSocket',
  'WritableStream',
  'atob',
  'btoa',
  'clearImmediate',
  'clearInterval',
  'clearTimeout',
  'console',
  'crypto',
  'fetch',
  'performance',
  'process',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
  'structuredClone',
];

/** Globals with a getter that loads nothing. */
const loadedGetters = new Set(['Buffer', 'performance', 'process']);

/** Modules that print a warning when they are loaded, or that newer versions lack. */
const skippedModules =
  /^_|^(punycode|sys|wasi|trace_events|inspector|repl|cluster|test|sea|sqlite)(\/|$)/;

/** Getters without side effects that lead to further objects. */
const getters = new Set(['promises', 'webcrypto', 'subtle', 'posix', 'win32']);

const deepest = 4;

type Table = Map<object, BuiltInPath>;

/**
 * The name that stands for this package: every process also has its error classes. Each side has those of its own copy,
 * which may be another file: the program may be a bundle with a copy inside, while its workers use the installed one.
 */
const thisPackage = 'mpi-futures';
const ownErrors: Table = new Map(
  Object.entries(errors).flatMap(([name, value]) =>
    typeof value === 'function' ? [[value, [thisPackage, name]]] : [],
  ),
);

/** The error classes that Node.js exports, or that V8 has in addition to those of the language, by name. */
const errorsOfNode = new Map<unknown, BuiltInPath>([
  ['AssertionError', ['node:assert', 'AssertionError']],
  ...['CompileError', 'LinkError', 'RuntimeError'].map(
    (name) => [name, ['', 'WebAssembly', name]] as const,
  ),
]);

/** The path of an error class that every process has: of this package, or of Node.js. */
export function errorClassPath(fn: object): BuiltInPath | undefined {
  return ownErrors.get(fn) ?? pathInNode(fn);
}

function pathInNode(fn: object): BuiltInPath | undefined {
  if (types.isProxy(fn)) return undefined;
  const path = errorsOfNode.get(getOwnPropertyDescriptor(fn, 'name')?.value);
  return path !== undefined && builtInAt(path) === fn ? path : undefined;
}

/** Calls that make Node.js throw errors of classes that it does not export, by the names of the classes. */
const throwing: Readonly<Record<string, () => unknown>> = {
  AbortError: () => on(new EventEmitter(), '', { signal: AbortSignal.abort() }),
  SystemError: () => getPriority(2 ** 30), // more than there can be processes
};
const hiddenClasses = new Map<string, unknown>();

/**
 * True, without the inspector, if `fn` is the class AbortError or SystemError of Node.js. For each code Node.js has a
 * class NodeError that extends SystemError.
 */
export function isHiddenErrorClass(fn: object): boolean {
  const name: unknown = getOwnPropertyDescriptor(fn, 'name')?.value;
  if (name === 'NodeError') {
    const above = Object.getPrototypeOf(fn) as object | null;
    return above !== null && above === hiddenClass('SystemError');
  }
  return typeof name === 'string' && Object.hasOwn(throwing, name) && fn === hiddenClass(name);
}

function hiddenClass(name: string): unknown {
  if (!hiddenClasses.has(name)) hiddenClasses.set(name, classThrown(name));
  return hiddenClasses.get(name);
}

function classThrown(name: string): unknown {
  try {
    throwing[name]!();
  } catch (error) {
    let found = (error as Error).constructor as { name: string } | null;
    while (found !== null && found.name !== name)
      found = Object.getPrototypeOf(found) as { name: string } | null;
    return found ?? undefined;
  }
  return undefined;
}

const { getOwnPropertyDescriptor } = Object;

let globalTable: Table | undefined;
let unloadedTable: Table | undefined;
const moduleTable: Table = new Map();
const mergedModules = new Set<string>();
let loadedModules: number | undefined = -1;
const tablesOfModules = new Map<string, Table>();

/**
 * The path of a native function or object; undefined if no path leads to it.
 *
 * @param module - the module that is known to have it
 */
export function builtInPath(value: object, module?: string): BuiltInPath | undefined {
  return (
    errorClassPath(value) ??
    (module === undefined ? undefined : tableOf(module).get(value)) ??
    globals().get(value) ??
    modules().get(value) ??
    unloadedGlobals().get(value) ??
    pathInItsRealm(value)
  );
}

/** True for a function without source text: one of V8 or of Node.js's C++, or a bound one. */
export function hasNoText(fn: object): boolean {
  return /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(fn));
}

/** The function or object of this process at `path`; undefined if there is none. */
export function builtInAt(path: BuiltInPath): unknown {
  const [module = '', ...names] = path;
  let value: unknown = rootOf(module);
  for (const name of names) value = (value as Record<string, unknown> | null | undefined)?.[name];
  if (value === undefined || value === null) {
    const where = module === '' ? 'globalThis' : module;
    throw new errors.DataCloneError(
      `${[where, ...names].join('.')} does not exist on this side (Node.js ${process.version})`,
    );
  }
  return value;
}

function rootOf(module: string): unknown {
  if (module === thisPackage) return errors;
  return module === '' ? mainRealm : process.getBuiltinModule(module);
}

/** Globals that are loaded already: to read the others loads undici and streams, which takes 20 to 40 ms. */
function globals(): Table {
  if (globalTable !== undefined) return globalTable;
  const table: Table = new Map([[mainRealm, ['']]]);
  const names = runInNewContext('Object.getOwnPropertyNames(globalThis)') as string[];
  for (const name of [...names, ...nodeGlobals]) {
    const value =
      dataProperty(mainRealm, name) ??
      (loadedGetters.has(name) ? readGetter(mainRealm, name) : undefined);
    enter(table, value, ['', name]);
  }
  return (globalTable = table);
}

/** Globals that Node.js loads when they are read for the first time. */
function unloadedGlobals(): Table {
  if (unloadedTable !== undefined) return unloadedTable;
  const table: Table = new Map();
  for (const name of nodeGlobals) enter(table, readGetter(mainRealm, name), ['', name]);
  return (unloadedTable = table);
}

// Only modules that are loaded: objects of another module cannot have been met.
function modules(): Table {
  const loaded = (process as { moduleLoadList?: readonly string[] }).moduleLoadList;
  if (loaded?.length === loadedModules) return moduleTable;
  loadedModules = loaded?.length;
  const isLoaded = new Set(loaded);
  for (const name of builtinModules) {
    const bare = name.replace(/^node:/, '');
    if (skippedModules.test(bare) || mergedModules.has(bare)) continue;
    if (loaded !== undefined && !isLoaded.has(`NativeModule ${bare}`)) continue;
    mergedModules.add(bare);
    for (const [value, path] of tableOf(`node:${bare}`))
      if (!moduleTable.has(value)) moduleTable.set(value, path);
  }
  return moduleTable;
}

function tableOf(module: string): Table {
  let table = tablesOfModules.get(module);
  if (table === undefined) {
    table = new Map();
    enter(table, process.getBuiltinModule(module), [module]);
    tablesOfModules.set(module, table);
  }
  return table;
}

function enter(table: Table, value: unknown, path: BuiltInPath): void {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return;
  // What a program puts into its environment is its own: see values/environment.ts.
  if (table.has(value) || value === process.env || isEnvironment(value)) return;
  table.set(value, path);
  if (path.length > deepest) return;
  for (const name of Object.getOwnPropertyNames(value)) {
    if (name.startsWith('_') || (name === 'constructor' && path.at(-1) === 'prototype')) continue;
    enter(table, dataProperty(value, name), [...path, name]);
  }
}

// Getters may warn, throw or start something; only known ones are read.
function dataProperty(owner: object, name: string): unknown {
  const property = Object.getOwnPropertyDescriptor(owner, name);
  if (property === undefined) return undefined;
  if ('value' in property) return property.value;
  return getters.has(name) ? readGetter(owner, name) : undefined;
}

// On a prototype it may refuse.
function readGetter(owner: object, name: string): unknown {
  return attempt(() => (owner as Record<string, unknown>)[name]);
}

/** The path of a function in another realm (jest's sandbox), which has functions of its own under the same names. */
function pathInItsRealm(value: object): BuiltInPath | undefined {
  const realm = realmOf(value);
  if (realm === undefined || realm === mainRealm) return undefined;
  for (const path of [...globals().values(), ...unloadedGlobals().values()]) {
    let other: unknown = realm;
    for (const name of path.slice(1))
      other = (other as Record<string, unknown> | undefined)?.[name];
    if (other === value) return path;
  }
  return undefined;
}

function realmOf(value: object): Record<string, unknown> | undefined {
  if (typeof value !== 'function') return undefined;
  try {
    const constructor = value.constructor as (code: string) => () => unknown;
    return constructor('return globalThis')() as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
