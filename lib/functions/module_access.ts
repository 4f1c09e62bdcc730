/** The use that a process can make of modules: import them, and look into those it has imported. */

import type { AnyFunction } from '../values/functions_in_out.js';
import type { ModuleDefinition } from './function_definition.js';

/** Evaluates code in the top-level scope of a module. On workers each module has one, appended to its text. */
export interface ScopeAccess {
  (code: string): unknown;
  /** Names that stand for something else there than at the top level. */
  readonly hidden?: ReadonlySet<string>;
}

/** Begins the text that gives access to a module's scope, which is the last line of code in a module. */
export const scopeAccessMark = '\n;/* mpi-futures: a way into this module */';

/** Ends it. */
export const scopeAccessEnd = '/* mpi-futures: end of it */';

/** Where the text that gives access to its scope begins; -1 without one. A bundle may have this package in it, and so the mark as a text. */
export function startOfScopeAccess(text: string): number {
  const start = text.lastIndexOf(scopeAccessMark);
  if (start < 0) return -1;
  const end = text.indexOf('\n', start + 1);
  return text
    .slice(start, end < 0 ? undefined : end)
    .trimEnd()
    .endsWith(scopeAccessEnd)
    ? start
    : -1;
}

/** The exports of a module, as `import()` gives them. */
export type Namespace = Readonly<Record<string, unknown>>;

/** A module to load in the way in which the program has loaded it. */
export interface ModuleToLoad {
  readonly url: string;
  /** By `require`: see {@link isRequired}. */
  readonly required: boolean;
}

/** The modules of one process, as functions that arrive see them. */
export interface ModuleAccess {
  /** The function itself, where this process has it and knows how to find it without importing anything. */
  existing(definition: ModuleDefinition): AnyFunction | undefined;
  /**
   * Imports the module, or requires it where the program has.
   *
   * @throws {DataCloneError} where that is not allowed
   */
  load(module: ModuleToLoad): Promise<Namespace>;
  /** The way into the scope of a module, once it has been imported, if it has one. */
  scope(url: string): ScopeAccess | undefined;
  /** All of them. */
  scopes(): Iterable<readonly [url: string, scope: ScopeAccess]>;
  /** True if the module in which `fn` was found has the source text that `definition` was made from. */
  compare(definition: ModuleDefinition, fn: AnyFunction): boolean;
  /** A function reads variables of `module` here that are not what they are in the program. */
  variablesDiffer(module: string, fn: string, differences: readonly string[]): void;
}
