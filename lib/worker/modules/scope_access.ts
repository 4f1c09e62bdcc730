/** Gives every module that is loaded from now on a door, and keeps the doors. */

import * as nodeModule from 'node:module';
import { pathToFileURL } from 'node:url';

import { packageUrl } from '../../package_files.js';
import type { ScopeAccess } from '../../functions/module_access.js';
import { recipeOf } from '../../functions/function_from_text.js';
import {
  commonJsWithDoor,
  doors as nameOfDoors,
  withDoor,
  type LoadedModule,
} from './scope_text.js';
import { changeSources } from './loader_reads.js';
import { registerSynchronousHooks, type LoadContext } from './synchronous_hooks.js';

interface CommonJsModule {
  _compile: (
    this: object,
    text: string,
    filename: string,
    format?: unknown,
    ...rest: unknown[]
  ) => unknown;
}

const doors = new Map<string, ScopeAccess>();
let opened = false;

/** Called before anything of the user's is loaded. */
export async function openDoors(): Promise<void> {
  if (opened) return;
  opened = true;
  Object.defineProperty(globalThis, nameOfDoors, { value: doors });
  hookCommonJs();
  const hooked = registerSynchronousHooks({
    load: (url, context, next) => {
      const loaded = next(url, context);
      return isCompiledByRequire(context, loaded) ? loaded : withDoor(url, loaded);
    },
  });
  if (hooked) return;
  const hooks = packageUrl('dist/worker/modules/scope_hooks.js');
  await changeSources(withDoor, hooks, () => {
    nodeModule.register(hooks);
  });
}

// It gets its door there, behind what hooks of `require` make of it: a compiler would not know the names of a door.
function isCompiledByRequire({ conditions }: LoadContext, { format }: LoadedModule): boolean {
  return conditions?.includes('require') === true && format?.startsWith('module') !== true;
}

/** A door of a module that was loaded without one; the one that hides less stays. */
export function addDoor(url: string, door: ScopeAccess): void {
  const known = doors.get(url);
  if (known === undefined || hides(door) < hides(known)) doors.set(url, door);
}

/** True if there is no better door than that of `url`. */
export function hasBestDoor(url: string): boolean {
  const door = doors.get(url);
  return door !== undefined && hides(door) === 0;
}

function hides({ hidden }: ScopeAccess): number {
  return hidden?.size ?? 0;
}

/** The doors of all modules that have one. */
export function allDoors(): Iterable<readonly [url: string, door: ScopeAccess]> {
  return doors;
}

/** The door of one module; undefined if it has none, or was not loaded. */
export function doorOf(url: string): ScopeAccess | undefined {
  return doors.get(url);
}

// CommonJS passes the load hooks without its text where a program has hooks of its own, and on Node.js 20.
function hookCommonJs(): void {
  const prototype = nodeModule.Module.prototype as unknown as CommonJsModule;
  const compile = prototype._compile;
  prototype._compile = function (text, filename, format, ...rest) {
    const code = mayOpen(text, filename, format)
      ? commonJsWithDoor(pathToFileURL(filename).href, text)
      : text;
    return compile.call(this, code, filename, format, ...rest);
  };
}

// Not the text of a single function, which stands for no module.
function mayOpen(text: unknown, filename: string, format: unknown): text is string {
  return (
    typeof text === 'string' &&
    format !== 'module' &&
    filename.startsWith('/') &&
    recipeOf(text) === undefined
  );
}
