/**
 * The functions that this process sends to others. Each gets an id, by which the processes that have its definition
 * know it.
 */

import { types } from 'node:util';

import { DataCloneError } from '../errors.js';
import type { AnyFunction, FunctionsOut, SentFunction } from '../values/functions_in_out.js';
import type { EncodedStructure } from '../values/structure.js';
import { WeakValues } from '../weak_values.js';
import { builtInPath, hasNoText, isHiddenErrorClass, errorClassPath } from './built_ins.js';
import type {
  FunctionDefinition,
  ModuleDefinition,
  OriginOfFunction,
  ReceivedOrigin,
} from './function_definition.js';
import {
  describe,
  describeByName,
  describePath,
  isNative,
  type Description,
} from './describe_function.js';
import {
  canInspect,
  functionsInHeap,
  inspectFunction,
  isInspectorRefused,
  type InspectedFunction,
} from './inspector.js';
import { findInModule, hasTextOf } from './find_in_module.js';
import type { ScopeAccess } from './module_access.js';
import type { Path } from './source/script_index.js';
import { describeTopLevelClass } from './top_level_class.js';

interface Known {
  readonly description: Description;
  readonly id: number;
  /** The form in which it is always sent, if it captures no variables. */
  readonly sent: SentFunction | undefined;
}

/** The means by which a worker recognizes functions without the inspector. */
export interface WorkerSide {
  /** The origin of a function that came from the master, to which all functions are sent. */
  originOf(fn: AnyFunction): ReceivedOrigin | undefined;
  /** The access to the scopes of all loaded modules of the program. */
  scopes(): Iterable<readonly [url: string, scope: ScopeAccess]>;
}

const noValues: readonly unknown[] = [];
const noIds: readonly number[] = [];

/**
 * The functions of this process, by the ids that it gives them. An id is never used again. It is forgotten when no value
 * refers to it any more: whoever keeps such a value keeps its functions.
 */
export class OutgoingFunctions implements FunctionsOut {
  readonly #known = new WeakMap<AnyFunction, Known>();
  readonly #native = new WeakMap<AnyFunction, boolean>();
  readonly #ids = new WeakMap<Description, number>();
  readonly #idsByKey = new Map<string, number>();
  #nextId = 1;
  /** The definitions by id, in the order of the ids. */
  readonly #definitions = new Map<number, FunctionDefinition>();
  readonly #needs = new Map<number, readonly number[]>();
  readonly #outOfUse = new FinalizationRegistry<number>((id) => {
    this.#forget(id);
  });
  readonly #whenForgotten = new Set<(id: number) => void>();
  /** The function that is meant by each id alone, without a number. */
  readonly #functions = new Map<number, WeakRef<AnyFunction>>();
  readonly #byPlace = new Map<string, WeakRef<AnyFunction>>();
  readonly #closures = new WeakMap<AnyFunction, number>();
  readonly #closuresByNumber = new WeakValues<number, AnyFunction>();
  #nextClosure = 0;
  readonly #worker: WorkerSide | undefined;

  /**
   * @param worker - given on a worker. Its master cannot access the scopes of modules, so what functions use of those
   *   is sent by value
   */
  constructor(worker?: WorkerSide) {
    this.#worker = worker;
  }

  /**
   * The form in which the function is sent now, with the present values of its captured variables.
   *
   * @throws {DataCloneError} for a function that can be neither found nor made elsewhere
   */
  send(fn: AnyFunction): SentFunction {
    const known = this.#known.get(fn);
    return known?.sent ?? this.#sendNow(fn, known);
  }

  /** Apart from {@link send}, which each task calls: the closure in here would cost it a context. */
  #sendNow(fn: AnyFunction, known: Known | undefined): SentFunction {
    if (types.isProxy(fn)) throw new DataCloneError('A Proxy of a function cannot be sent');
    const theirs = this.#worker?.originOf(fn);
    if (theirs !== undefined) return this.#giveBack(theirs);
    const byName = known ?? this.#byName(fn);
    if (byName?.sent !== undefined) return byName.sent;
    const path =
      errorClassPath(fn) ?? (hasNoText(fn) || !canInspect() ? builtInPath(fn) : undefined);
    if (path !== undefined) return this.#know(fn, describePath(path)).sent!;
    return inspectFunction(fn, (inspected): SentFunction => {
      if (inspected.bound !== undefined) return { kind: 'bound', ...inspected.bound };
      const found = known ?? this.#know(fn, describe(fn, inspected, this.#worker !== undefined));
      return (
        found.sent ??
        sentNow(found.id, found.description, [
          ...captured(fn, found.description, inspected),
          // Follows the variables, so that the function is recognized when it comes back.
          this.#numberOf(fn),
        ])
      );
    });
  }

  /**
   * The definition that is sent before the first value that refers to `id`. The definitions that it needs are sent
   * before it.
   */
  definition(id: number): FunctionDefinition {
    return this.#definitions.get(id)!;
  }

  isBuiltIn(fn: AnyFunction): boolean {
    // An error class that is known by name, but is not of the language: its instances are made differently.
    if (errorClassPath(fn) !== undefined) return false;
    let native = this.#native.get(fn);
    if (native === undefined) {
      native =
        hasNoText(fn) || isHiddenErrorClass(fn) || (this.#isKnownBuiltIn(fn) ?? isFoundBuiltIn(fn));
      this.#native.set(fn, native);
    }
    return native;
  }

  /** True if `fn` is built in, without the inspector; undefined if only the inspector can tell. */
  #isKnownBuiltIn(fn: AnyFunction): boolean | undefined {
    const known = this.#known.get(fn);
    if (known !== undefined) return known.description.definition.kind === 'builtIn';
    return (
      this.#worker?.originOf(fn)?.isBuiltIn ?? (this.#byName(fn) === undefined ? undefined : false)
    );
  }

  #byName(fn: AnyFunction): Known | undefined {
    if (this.#worker === undefined || isInspectorRefused()) return undefined;
    if (errorClassPath(fn) !== undefined) return undefined; // may be in a bundle, and every process has it
    const description = describeTopLevelClass(fn, this.#worker.scopes());
    return description && this.#know(fn, description);
  }

  wellKnown(object: object): number | undefined {
    const path = builtInPath(object);
    if (path === undefined) return undefined;
    return this.#idByKey(`builtIn ${path.join(' ')}`, (id) => ({ kind: 'builtIn', id, path }));
  }

  /** The id that all functions made at one place in a script share; for a bound function, that of its target. */
  kindOf(fn: AnyFunction): number {
    const known = this.#known.get(fn);
    if (known !== undefined) return known.id;
    const sent = this.send(fn);
    return sent.kind === 'bound' ? this.kindOf(sent.target) : sent.id;
  }

  /**
   * Defines the function `of` together with the variables that it captures, as `encoded`; to be {@link forgetWith
   * forgotten} later.
   */
  freeze(of: number, { bytes, buffers, functions }: EncodedStructure): number {
    const id = this.#define((id) => ({ kind: 'closure', id, of, value: { bytes, buffers } }));
    this.#needs.set(id, functions);
    return id;
  }

  /** Forgets `id` once `holder` is no more: no later value refers to it. */
  forgetWith(holder: object, id: number): void {
    this.#outOfUse.register(holder, id);
  }

  #forget(id: number): void {
    this.#definitions.delete(id);
    this.#needs.delete(id);
    this.#functions.delete(id);
    for (const tell of this.#whenForgotten) tell(id);
  }

  /** Calls `tell` with each id that is forgotten from now on, until the returned function is called. */
  whenForgotten(tell: (id: number) => void): () => void {
    this.#whenForgotten.add(tell);
    return () => {
      this.#whenForgotten.delete(tell);
    };
  }

  /** The ids of the functions that the definition of `id` refers to. */
  neededBy(id: number): readonly number[] {
    return this.#needs.get(id) ?? noIds;
  }

  /** The function that was sent; undefined if it no longer exists. */
  functionOf(origin: OriginOfFunction): AnyFunction | undefined {
    return 'id' in origin
      ? this.#functions.get(origin.id)?.deref()
      : this.#closuresByNumber.get(origin.closure);
  }

  /** Defines `fn` as the export `name` of `module`, without asking the inspector. */
  declare(fn: AnyFunction, module: string, name: string): void {
    const named = { module, name, exportedAs: name, arity: undefined, text: undefined };
    this.#know(fn, describeByName(named));
  }

  /** Finds the function of this process at a place of a module, wherever it is referenced. */
  find(definition: ModuleDefinition): AnyFunction | undefined {
    const { module, path, text, name } = definition;
    const place = placeOf(module, path);
    const known = this.#byPlace.get(place)?.deref();
    if (known !== undefined && hasTextOf(known, definition)) return known;
    const seen = this.#besideKnown(definition);
    if (seen !== undefined) {
      this.#byPlace.set(place, new WeakRef(seen));
      return seen;
    }
    return functionsInHeap().find(
      (fn) =>
        fn.name === name && Function.prototype.toString.call(fn) === text && this.#isAt(fn, place),
    );
  }

  /**
   * Finds the function through the scopes of functions that were sent, because a walk of the heap stops the whole
   * program.
   */
  #besideKnown(definition: ModuleDefinition): AnyFunction | undefined {
    const names = [String(definition.path[0])];
    const files = new Set([definition.module, ...(definition.seenIn ?? [])]);
    for (const beside of [...this.#definitions.values()].reverse()) {
      if (files.size === 0) break;
      if (beside.kind !== 'module' && beside.kind !== 'text') continue;
      // If a function is inside others, its scopes do not show which one is the top level of CommonJS.
      if (!files.has(beside.file) || (beside.kind === 'text' && beside.commonJs)) continue;
      const fn = this.#functions.get(beside.id)?.deref();
      if (fn === undefined) continue;
      files.delete(beside.file); // what one function of a file does not see, the others hardly will
      const values = inspectFunction(fn, (inspected) =>
        beside.kind === 'module' ? inspected.variables(names) : inspected.variablesOfModule(names),
      );
      const found = findInModule(definition, {}, (name) => values.get(name));
      if (found !== undefined && hasTextOf(found, definition)) return found;
    }
    return undefined;
  }

  #giveBack({ origin, hasPrivateMembers }: ReceivedOrigin): SentFunction {
    const key = `returned ${Object.entries(origin).join(' ')}`;
    const id = this.#idByKey(key, (id) => ({ kind: 'returned', id, yours: origin }));
    return {
      kind: 'function',
      id,
      captured: noValues,
      capturedNames: [],
      isClass: false,
      hasPrivateMembers,
    };
  }

  #numberOf(fn: AnyFunction): number {
    let number = this.#closures.get(fn);
    if (number === undefined) {
      number = this.#nextClosure++;
      this.#closures.set(fn, number);
      this.#closuresByNumber.set(number, fn);
    }
    return number;
  }

  #isAt(fn: AnyFunction, place: string): boolean {
    try {
      this.send(fn);
    } catch {
      return false;
    }
    return this.#byPlace.get(place)?.deref() === fn;
  }

  #know(fn: AnyFunction, description: Description): Known {
    const id = this.#idOf(description);
    const { definition } = description;
    const sibling = this.#functions.get(id)?.deref();
    const isSibling = definition.kind === 'text' && sibling !== undefined && sibling !== fn;
    const known = { description, id, sent: this.#fixed(fn, id, description, isSibling) };
    this.#known.set(fn, known);
    if (isSibling) return known;
    const reference = new WeakRef(fn);
    this.#functions.set(id, reference);
    if (definition.kind === 'module')
      this.#byPlace.set(placeOf(definition.module, definition.path), reference);
    return known;
  }

  /** @param isSibling - true if the id alone means another function that was made at the same place */
  #fixed(
    fn: AnyFunction,
    id: number,
    description: Description,
    isSibling: boolean,
  ): SentFunction | undefined {
    if (description.captured.length > 0) return undefined;
    return sentNow(id, description, isSibling ? [this.#numberOf(fn)] : noValues);
  }

  #idOf(description: Description): number {
    let id = this.#ids.get(description);
    if (id === undefined) {
      id = this.#define((id) => ({ ...description.definition, id }));
      this.#ids.set(description, id);
      if (description.script !== undefined) this.forgetWith(description, id);
    }
    return id;
  }

  #idByKey(key: string, definition: (id: number) => FunctionDefinition): number {
    let id = this.#idsByKey.get(key);
    if (id === undefined) {
      id = this.#define(definition);
      this.#idsByKey.set(key, id);
    }
    return id;
  }

  #define(definition: (id: number) => FunctionDefinition): number {
    const id = this.#nextId++;
    this.#definitions.set(id, definition(id));
    return id;
  }
}

function isFoundBuiltIn(fn: AnyFunction): boolean {
  return canInspect()
    ? inspectFunction(fn, (inspected) => isNative(fn, inspected))
    : builtInPath(fn) !== undefined;
}

function placeOf(module: string, path: Path): string {
  return `${module} ${path.join(' ')}`;
}

function sentNow(
  id: number,
  { captured: capturedNames, hasPrivateMembers, definition }: Description,
  values: readonly unknown[],
): SentFunction {
  const isClass = definition.kind === 'text' && definition.isClass;
  return { kind: 'function', id, captured: values, capturedNames, isClass, hasPrivateMembers };
}

function captured(
  fn: AnyFunction,
  { captured: names, membersUsed }: Description,
  inspected: InspectedFunction,
): readonly unknown[] {
  const values = inspected.variables(names);
  const extended = nameOfSuperclass(fn);
  // V8 keeps a value that nothing else uses only as the prototype.
  if (extended !== undefined && !values.has(extended))
    values.set(extended, Object.getPrototypeOf(fn));
  return names.map((name) => {
    if (!values.has(name) && !(name in globalThis)) throw withoutValue(fn, name);
    const value = values.has(name)
      ? values.get(name)
      : (globalThis as Record<string, unknown>)[name];
    return onlyMembers(value, membersUsed.get(name));
  });
}

/** The name of the variable that a class extends. */
function nameOfSuperclass(fn: AnyFunction): string | undefined {
  return /^class(?:\s+[\w$]+)?\s+extends\s+([\w$]+)\s*\{/.exec(
    Function.prototype.toString.call(fn),
  )?.[1];
}

function withoutValue(fn: AnyFunction, name: string): DataCloneError {
  const user = fn.name === '' ? 'an anonymous function' : `the function ${fn.name}`;
  return new DataCloneError(
    `The variable '${name}', which ${user} uses, has no value yet: submit after its declaration`,
  );
}

/** The members of a captured module that are used; its other exports may be values that cannot be sent. */
function onlyMembers(value: unknown, members: ReadonlySet<string> | undefined): unknown {
  if (members === undefined || !isModule(value)) return value;
  return Object.fromEntries([...members].map((name) => [name, value[name]]));
}

function isModule(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return (
    Object.prototype.toString.call(value) === '[object Module]' ||
    Object.hasOwn(value, '__esModule')
  );
}
