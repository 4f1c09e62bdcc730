/**
 * The interface through which functions use the modules of a process: to import them, and to look into imported ones.
 */

import type { AnyFunction } from '../values/functions_in_out.js';
import type { ModuleDefinition } from './function_definition.js';

/**
 * Evaluates code in the top-level scope of a module. On workers each module has such a function, added to its text.
 */
export interface ScopeAccess {
  (code: string): unknown;
  /** Names that have another meaning there than at the top level. */
  readonly hidden?: ReadonlySet<string>;
}

/** The exports of a module, as `import()` returns them. */
export type Namespace = Readonly<Record<string, unknown>>;

/** A module, to be loaded in the way the program has loaded it. */
export interface ModuleToLoad {
  readonly url: string;
  /** True for a module loaded by `require`: see {@link isRequired}. */
  readonly required: boolean;
}

/** The modules of one process, as received functions use them. */
export interface ModuleAccess {
  /** The function itself, if this process has it and finds it without importing anything. */
  existing(definition: ModuleDefinition): AnyFunction | undefined;
  /**
   * Imports the module, or requires it if the program has required it.
   *
   * @throws {DataCloneError} where that is not allowed
   */
  load(module: ModuleToLoad): Promise<Namespace>;
  /** The access to the scope of an imported module; undefined if it has none. */
  scope(url: string): ScopeAccess | undefined;
  /** The access to each module that has one. */
  scopes(): Iterable<readonly [url: string, scope: ScopeAccess]>;
  /** True if the module in which `fn` was found has the source text that `definition` was made from. */
  compare(definition: ModuleDefinition, fn: AnyFunction): boolean;
  /** Reports that a function reads variables of `module` here whose values differ from the program's. */
  variablesDiffer(module: string, fn: string, differences: readonly string[]): void;
}
