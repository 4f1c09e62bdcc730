/** Functions as references: which module exports them, under which name. */

import { DataCloneError } from '../errors.js';
import { describeValue } from '../argument_errors.js';
import { locateFunction } from './function_location.js';
import type { FunctionDefinition } from './messages.js';

/** Any function that can be a task. */
export type TaskFunction = (...args: never[]) => unknown;

const known = new WeakMap<TaskFunction, FunctionDefinition>();
let nextId = 1;

/**
 * The definition by which workers find `fn`. The same function object has the same definition, and is looked up once.
 *
 * @throws {DataCloneError} for what is not exported by a module: built-in, bound and inner functions
 */
export function definitionOf(fn: TaskFunction): FunctionDefinition {
  let definition = known.get(fn);
  if (definition === undefined) {
    definition = define(fn);
    known.set(fn, definition);
  }
  return definition;
}

function define(fn: TaskFunction): FunctionDefinition {
  const location = locateFunction(fn);
  if (location?.url.startsWith('file:') !== true) {
    throw new DataCloneError(
      `Expected a function that a module exports but received ${describeValue(fn)}`,
    );
  }
  return {
    id: nextId++,
    module: location.url,
    name: fn.name,
    text: Function.prototype.toString.call(fn),
  };
}

/**
 * Finds the function in the namespace of its module, or among the members of a CommonJS module's exports: the one with
 * its name and text.
 *
 * @throws {DataCloneError} if the module exports none, or several that cannot be told apart
 */
export function findFunction(
  definition: FunctionDefinition,
  namespace: Record<string, unknown>,
): TaskFunction {
  const { name, text, module } = definition;
  const exported = Object.values(namespace);
  const commonJs: unknown = namespace.default;
  if (typeof commonJs === 'object' && commonJs !== null) {
    exported.push(...(Object.values(commonJs) as unknown[]));
  }
  const found = new Set(
    exported.filter(
      (value): value is TaskFunction =>
        typeof value === 'function' &&
        value.name === name &&
        Function.prototype.toString.call(value) === text,
    ),
  );
  const [first] = found;
  const shown = name || '(anonymous)';
  if (first === undefined) {
    throw new DataCloneError(`The function ${shown} is not exported by ${module}. Export it.`);
  }
  if (found.size > 1) {
    throw new DataCloneError(
      `${module} exports several functions like ${shown}, of the same text: they cannot be told apart. ` +
        'Write them as functions of their own.',
    );
  }
  return first;
}
