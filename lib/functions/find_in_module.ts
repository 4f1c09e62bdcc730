/** Finds a function in a module that has been imported: by its path, verified by its text. */

import { attempt } from '../attempt.js';
import type { AnyFunction } from '../values/functions_in_out.js';
import type { ModuleDefinition } from './function_definition.js';
import type { ScopeAccess, Namespace } from './module_access.js';
import { DEFAULT_EXPORT, type Path } from './source/script_index.js';

/**
 * The function at the path of `definition`: with the same text, or at least with the same name and number of
 * parameters; undefined if there is none.
 */
export function findInModule(
  definition: ModuleDefinition,
  namespace: Namespace,
  scope: ScopeAccess | undefined,
): AnyFunction | undefined {
  for (const head of heads(definition, namespace, scope)) {
    const found = follow(head, definition.path.slice(1));
    if (typeof found === 'function' && isMeant(found as AnyFunction, definition))
      return found as AnyFunction;
  }
  return undefined;
}

/** True if `fn` has the text that `definition` was made from, or if that text is unknown. */
export function hasTextOf(fn: AnyFunction, { text }: ModuleDefinition): boolean {
  return text === undefined || Function.prototype.toString.call(fn) === text;
}

function isMeant(fn: AnyFunction, definition: ModuleDefinition): boolean {
  return (
    definition.arity === undefined ||
    (definition.text !== undefined && hasTextOf(fn, definition)) ||
    (fn.name === definition.name && fn.length === definition.arity)
  );
}

function* heads(
  { path, exportedAs }: ModuleDefinition,
  namespace: Namespace,
  scope: ScopeAccess | undefined,
): Generator {
  const [head = ''] = path;
  if (head === DEFAULT_EXPORT) {
    yield namespace.default;
    return;
  }
  if (scope !== undefined) yield lookThrough(scope, String(head));
  if (exportedAs !== undefined) yield namespace[exportedAs];
  // A CommonJS module without scope access: `exports` is its namespace's default.
  if (head === 'exports') yield namespace.default;
  if (head === 'module') yield { exports: namespace.default };
}

/** The value of `name` at the top level; undefined if the variable does not exist or is not initialized yet. */
export function lookThrough(scope: ScopeAccess, name: string): unknown {
  if (scope.hidden?.has(name) === true) return undefined;
  return attempt(() => scope(name));
}

function follow(start: unknown, names: Path): unknown {
  let value = start;
  for (const name of names) {
    if (value === undefined || value === null) return undefined;
    try {
      value = (value as Record<string | number, unknown>)[name];
    } catch {
      return undefined;
    }
  }
  return value;
}
