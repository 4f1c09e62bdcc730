/**
 * Describes a class at the top level of a module, on a worker, without the inspector and the parser. These take a
 * hundred milliseconds to start, and the first error of a class of the program would wait for them. Scopes show in
 * which modules the name refers to the class; the files of those modules show which one declares it, and does not
 * import it. Only `class Name` and `const Name = class` at the beginning of a line are recognized; the inspector
 * describes all other classes.
 */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { AnyFunction } from '../values/functions_in_out.js';
import { describeByName, type Description } from './describe_function.js';
import { lookThrough } from './find_in_module.js';
import type { ScopeAccess } from './module_access.js';

interface Place {
  readonly module: string;
  readonly exportedAs: string;
}

/** The description of the class `fn`; undefined if the inspector is needed. */
export function describeTopLevelClass(
  fn: AnyFunction,
  scopes: Iterable<readonly [url: string, scope: ScopeAccess]>,
): Description | undefined {
  const text = Function.prototype.toString.call(fn);
  const name: unknown = Object.getOwnPropertyDescriptor(fn, 'name')?.value;
  // A `#` may belong to a private member, even if it is only in a comment.
  if (!/^class\b[^#]*$/.test(text) || typeof name !== 'string') return undefined;
  // A global would be found in all scopes.
  if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) || name in globalThis) return undefined;
  const seenIn = [...scopes].filter(([, scope]) => lookThrough(scope, name) === fn);
  const places = seenIn.flatMap(([module]) => placeIn(module, name, text) ?? []);
  const [place, another] = places;
  if (place === undefined || another !== undefined) return undefined;
  const others = seenIn.map(([module]) => module).filter((module) => module !== place.module);
  return describeByName({ ...place, name, arity: fn.length, text, seenIn: others });
}

/** The place of the class in `module`; undefined if it is not declared there. */
function placeIn(module: string, name: string, text: string): Place | undefined {
  const source = textOfFile(module);
  for (let at = source.indexOf(text); at >= 0; at = source.indexOf(text, at + 1)) {
    const lineStart = source.lastIndexOf('\n', at - 1) + 1;
    const [begin, exported, isDefault, variable] =
      /^(export\s+(default\s+)?)?(?:(?:const|let|var)\s+(\S+)\s*=\s*)?$/.exec(
        source.slice(lineStart, at),
      ) ?? [];
    const declared = variable ?? /^class\s+([^\s{]+)/.exec(text)?.[1];
    if (begin === undefined || declared !== name) continue;
    if (isDefault !== undefined) return { module, exportedAs: 'default' };
    if (exported === undefined && isRenamed(name, source)) return undefined;
    return { module, exportedAs: name };
  }
  return undefined;
}

/** True if `export { Name as Other }` or `export default Name` may export it under another name. */
function isRenamed(name: string, source: string): boolean {
  const word = `(?<![\\p{ID_Continue}$])${name.replaceAll('$', '\\$')}(?![\\p{ID_Continue}$])`;
  return new RegExp(`${word}\\s+as\\s|export\\s+default\\s+${word}`, 'u').test(source);
}

function textOfFile(url: string): string {
  try {
    return readFileSync(fileURLToPath(url), 'utf8');
  } catch {
    return '';
  }
}
