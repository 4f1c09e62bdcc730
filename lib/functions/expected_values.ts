/**
 * Finds variables of a module whose values on this worker differ from the program's, although a function reads them
 * here.
 */

import type { ExpectedValue } from './function_definition.js';
import type { ScopeAccess } from './module_access.js';

/** A few words about each variable that differs: `config, which is undefined on workers`. */
export function differences(expected: readonly ExpectedValue[], scope: ScopeAccess): string[] {
  return expected.flatMap((variable) => {
    const { name } = variable;
    if (scope.hidden?.has(name) === true) return [];
    let value: unknown;
    try {
      value = scope(name);
    } catch {
      return [`${name}, which has no value on workers`]; // in its dead zone, where to read it is an error
    }
    if (value === undefined) return [`${name}, which is undefined on workers`];
    if (variable.value === undefined || Object.is(value, variable.value)) return [];
    const here = isPlain(value) ? JSON.stringify(value) : 'something else';
    return [
      `${name}, which is ${here} on workers and ${JSON.stringify(variable.value)} in the program`,
    ];
  });
}

function isPlain(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
