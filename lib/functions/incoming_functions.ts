/** The functions that another process has defined: defined once, received as often as a value refers to them. */

import { DataCloneError, ModuleLoadError } from '../errors.js';
import type { AnyFunction, FunctionsIn, ReceivedFunction } from '../values/functions_in_out.js';
import type { PackedValue } from '../values/value_codec.js';
import { decodeStructure, functionsIn } from '../values/structure.js';
import { builtInAt } from './built_ins.js';
import type {
  BuiltInDefinition,
  FunctionDefinition,
  ModuleDefinition,
  OriginOfFunction,
  ReceivedOrigin,
  TextDefinition,
} from './function_definition.js';
import { compile, type MadeFunction } from './function_from_text.js';
import { differences } from './expected_values.js';
import { findInModule, hasTextOf } from './find_in_module.js';
import type { ScopeAccess, ModuleAccess, ModuleToLoad, Namespace } from './module_access.js';
import { nameOfFunction } from './function_definition.js';

/** A function of the peer. */
interface Source {
  readonly name?: string;
  readonly hasPrivateMembers?: boolean;
  readonly isBuiltIn?: boolean;
  /** The ids of the functions that it has captured. */
  readonly captured?: readonly number[];
  /** Resolves when the function can be received; undefined if it can be now. */
  prepare(): Promise<void> | undefined;
  /** @param hasContent - true for a function of its own, to which captured variables or a number belong */
  receive(hasContent: boolean, early?: readonly unknown[]): ReceivedFunction;
}

/** The peer's functions by the ids that it gave them. */
export class IncomingFunctions implements FunctionsIn {
  readonly #modules: ModuleAccess;
  readonly #ours: (origin: OriginOfFunction) => AnyFunction;
  readonly #sources = new Map<number, Source>();
  /** The id of its function, by the id of a closure. */
  readonly #kinds = new Map<number, number>();
  readonly #builtIns = new Map<number, BuiltInDefinition>();
  readonly #origins = new WeakMap<AnyFunction, ReceivedOrigin>();

  /** @param ours - finds the function that this process has sent */
  constructor(modules: ModuleAccess, ours: (origin: OriginOfFunction) => AnyFunction) {
    this.#modules = modules;
    this.#ours = ours;
  }

  define(definition: FunctionDefinition): void {
    if (definition.kind === 'builtIn') this.#builtIns.set(definition.id, definition);
    if (definition.kind === 'closure') this.#kinds.set(definition.id, definition.of);
    this.#sources.set(definition.id, this.#sourceOf(definition));
  }

  /** Does the same as {@link prepare} for one function. */
  prepareOne(id: number): Promise<void> | undefined {
    return this.#sources.get(id)?.prepare();
  }

  /** Resolves when all these functions can be received; undefined if they can be now. Never rejects. */
  prepare(ids: readonly number[]): Promise<void> | undefined {
    if (ids.length === 0) return undefined;
    const waits: Promise<void>[] = [];
    for (const id of ids) {
      const wait = this.#sources.get(id)?.prepare();
      if (wait !== undefined) waits.push(wait);
    }
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
  }

  /** True if all these functions are defined, and those that they have captured. */
  has(ids: readonly number[]): boolean {
    for (const id of ids) {
      const source = this.#sources.get(id);
      if (source === undefined || !this.has(source.captured ?? none)) return false;
    }
    return true;
  }

  receive(id: number, hasContent = false, early?: readonly unknown[]): ReceivedFunction {
    const source = this.#sources.get(id);
    if (source === undefined) throw new DataCloneError(`Function ${id} was not defined`);
    const received = source.receive(hasContent, early);
    const { hasPrivateMembers = false, isBuiltIn = false } = source;
    const { fn, assign } = received;
    if (assign === undefined) {
      if (!this.#origins.has(fn))
        this.#origins.set(fn, { origin: { id }, isBuiltIn, hasPrivateMembers });
      return received;
    }
    return {
      fn,
      assign: (captured) => {
        // The function's number on the other side follows the variables: see OutgoingFunctions.
        const origin = { closure: captured.at(-1) as number };
        this.#origins.set(fn, { origin, isBuiltIn, hasPrivateMembers });
        assign(captured);
      },
    };
  }

  nameOf(id: number): string {
    return this.#sources.get(id)?.name ?? '';
  }

  wellKnown(id: number): object {
    const definition = this.#builtIns.get(id);
    if (definition === undefined) throw new DataCloneError(`Object ${id} was not defined`);
    return builtInAt(definition.path) as object;
  }

  /** The origin of this function, if it came from the peer. */
  originOf(fn: AnyFunction): ReceivedOrigin | undefined {
    return this.#origins.get(fn);
  }

  /** Forgets `id`, which no later value refers to. */
  forget(id: number): void {
    this.#sources.delete(id);
    this.#kinds.delete(id);
  }

  /** The id that all functions made at one place in a script share, whatever they capture. */
  kindOf(id: number): number {
    return this.#kinds.size === 0 ? id : (this.#kinds.get(id) ?? id);
  }

  #frozen({ bytes, buffers = [] }: PackedValue): Source {
    let fn: AnyFunction | undefined;
    const captured = functionsIn(bytes);
    return {
      captured,
      prepare: () => (fn === undefined ? this.prepare(captured) : undefined),
      receive: () => {
        fn ??= (decodeStructure(bytes, buffers, this) as [AnyFunction])[0];
        return { fn };
      },
    };
  }

  #sourceOf(definition: FunctionDefinition): Source {
    switch (definition.kind) {
      case 'closure':
        return this.#frozen(definition.value);
      case 'builtIn':
        return {
          isBuiltIn: true,
          prepare: nothing,
          receive: () => ({ fn: builtInAt(definition.path) as AnyFunction }),
        };
      case 'returned':
        return { prepare: nothing, receive: () => ({ fn: this.#ours(definition.yours) }) };
      case 'text':
        return new FromText(definition, this.#modules);
      case 'module':
        return new FromModule(definition, this.#modules);
    }
  }
}

const none: readonly number[] = [];

function nothing(): undefined {
  return undefined;
}

/** Imports a module once, when that is needed. An error is thrown when its functions are received. */
class ImportedModule {
  readonly #modules: ModuleAccess;
  readonly #module: ModuleToLoad;
  #namespace: Namespace | undefined;
  #importing: Promise<void> | undefined;
  #done = false;
  #failure: unknown;

  constructor(modules: ModuleAccess, module: ModuleToLoad) {
    this.#modules = modules;
    this.#module = module;
  }

  get scope(): ScopeAccess | undefined {
    return this.#modules.scope(this.#module.url);
  }

  get namespace(): Namespace {
    this.check();
    return this.#namespace!;
  }

  /** Throws the error of the import, if there was one. */
  check(): void {
    if (this.#namespace !== undefined) return;
    if (this.#failure instanceof DataCloneError) throw this.#failure;
    throw notLoaded(this.#module.url, this.#failure);
  }

  import(): Promise<void> | undefined {
    if (this.#done) return undefined;
    this.#importing ??= this.#modules.load(this.#module).then(
      (namespace) => {
        this.#namespace = namespace;
        this.#done = true;
      },
      (error: unknown) => {
        this.#failure = error;
        this.#done = true;
      },
    );
    return this.#importing;
  }
}

function notLoaded(url: string, cause: unknown): ModuleLoadError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ModuleLoadError(`${url} could not be imported: ${reason}. ${advice(url, cause)}`, {
    cause,
  });
}

function advice(url: string, cause: unknown): string {
  const { code } = (cause ?? {}) as { code?: unknown };
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' || (cause instanceof SyntaxError && !ofNode.test(url)))
    return (
      'Workers have the loaders that Node.js was started with: start the program by ' +
      'node --import tsx, node -r ts-node/register or the like, or put that into NODE_OPTIONS'
    );
  if (typeof code === 'string' && /^(ERR_)?MODULE_NOT_FOUND$|^ENOENT$/.test(code))
    return 'Put the same files and packages on all hosts, under the same paths';
  return 'Code at the top level of a module runs on workers, too: see the cause';
}

/** The names of files that Node.js loads without a loader. */
const ofNode = /\.[cm]?js$/;

class FromText implements Source {
  readonly name: string;
  readonly hasPrivateMembers: boolean;
  readonly #definition: TextDefinition;
  readonly #modules: ModuleAccess;
  readonly #module: ImportedModule | undefined;
  #make: ((early?: readonly unknown[]) => MadeFunction) | undefined;
  #fn: AnyFunction | undefined;

  constructor(definition: TextDefinition, modules: ModuleAccess) {
    this.#definition = definition;
    this.name = definition.name;
    this.#modules = modules;
    this.hasPrivateMembers = definition.hasPrivateMembers;
    const { module: url, required } = definition;
    if (url !== undefined) this.#module = new ImportedModule(modules, { url, required });
  }

  prepare(): Promise<void> | undefined {
    return this.#module?.import();
  }

  receive(hasContent: boolean, early?: readonly unknown[]): ReceivedFunction {
    if (!hasContent && this.#fn !== undefined) return { fn: this.#fn };
    this.#make ??= this.#compile();
    const made = this.#make(early);
    if (hasContent) return made;
    this.#fn = made.fn;
    return { fn: made.fn };
  }

  #compile(): (early?: readonly unknown[]) => MadeFunction {
    const definition = this.#definition;
    const scope = this.#scopeNeeded();
    const make = compileText(definition, definition.captured, scope);
    compareVariables(definition, scope, this.#modules);
    return make;
  }

  #scopeNeeded(): ScopeAccess | undefined {
    const module = this.#module;
    if (module === undefined) return undefined;
    const { scope } = module;
    if (scope !== undefined) return scope;
    module.check();
    const { name, file, moduleNames } = this.#definition;
    throw new DataCloneError(
      `${nameOfFunction(name)} uses ${moduleNames.join(', ')} of ${file}, whose variables cannot be read here`,
    );
  }
}

class FromModule implements Source {
  readonly name: string;
  readonly hasPrivateMembers: boolean;
  readonly #definition: ModuleDefinition;
  readonly #modules: ModuleAccess;
  readonly #module: ImportedModule;
  #lookedFor = false;
  #fn: AnyFunction | undefined;
  #standIn: AnyFunction | undefined;

  constructor(definition: ModuleDefinition, modules: ModuleAccess) {
    this.#definition = definition;
    this.name = definition.name;
    this.hasPrivateMembers = definition.hasPrivateMembers;
    this.#modules = modules;
    const { module: url, required } = definition;
    this.#module = new ImportedModule(modules, { url, required });
  }

  prepare(): Promise<void> | undefined {
    if (this.#fn !== undefined) return undefined;
    if (!this.#lookedFor) {
      this.#lookedFor = true;
      this.#fn = this.#modules.existing(this.#definition);
      if (this.#fn !== undefined) return undefined;
    }
    return this.#definition.standsAlone ? undefined : this.#module.import();
  }

  receive(): ReceivedFunction {
    if (this.#fn !== undefined) return { fn: this.#fn };
    const definition = this.#definition;
    // If the module was imported for other functions, its own function is the right one.
    const { scope } = this.#module;
    if (definition.standsAlone && scope === undefined) {
      return { fn: (this.#standIn ??= compileText(definition, [], undefined)().fn) };
    }
    const namespace = definition.standsAlone ? {} : this.#module.namespace;
    const found = findInModule(definition, namespace, scope);
    // The name has another text: the module was transformed in another way, or another function has taken its place.
    if (found !== undefined) {
      const isSameSource = this.#modules.compare(definition, found);
      if (hasTextOf(found, definition) || !isSameSource) {
        compareVariables(definition, scope, this.#modules);
        return { fn: (this.#fn = found) };
      }
    }
    if (scope !== undefined && definition.text !== undefined) {
      return { fn: (this.#fn = compileText(definition, [], scope)().fn) };
    }
    throw notFound(definition, scope);
  }
}

function notFound(
  { path, module, arity }: ModuleDefinition,
  scope: ScopeAccess | undefined,
): DataCloneError {
  const what = path.join('.');
  if (arity === undefined)
    return new DataCloneError(`${module} has no function named ${what} to export`);
  return new DataCloneError(
    scope === undefined
      ? `${what} of ${module} cannot be reached here: export it there`
      : `${what} does not exist in ${module}: the file may differ from the program's. Put the same files on all hosts`,
  );
}

function compareVariables(
  { name, module, expected }: ModuleDefinition | TextDefinition,
  scope: ScopeAccess | undefined,
  modules: ModuleAccess,
): void {
  if (scope === undefined || module === undefined || expected.length === 0) return;
  const found = differences(expected, scope);
  if (found.length > 0) modules.variablesDiffer(module, nameOfFunction(name), found);
}

function compileText(
  definition: ModuleDefinition | TextDefinition,
  captured: readonly string[],
  scope: ScopeAccess | undefined,
): (early?: readonly unknown[]) => MadeFunction {
  const { text, name, file, moduleNames } = definition;
  const hidden = moduleNames.find((used) => scope?.hidden?.has(used));
  if (hidden !== undefined)
    throw new DataCloneError(
      `${nameOfFunction(name)} uses ${hidden} of ${file}, which a variable of the same name hides where the program waits: ` +
        'give one of them another name',
    );
  if (text === undefined)
    throw new DataCloneError(`${nameOfFunction(name)} of ${file} cannot be made from its text`);
  try {
    return compile({ ...definition, text, captured }, scope);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataCloneError(
      `${nameOfFunction(name)} of ${file} cannot be made from its text: ${reason}`,
      {
        cause,
      },
    );
  }
}
