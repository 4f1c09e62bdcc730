/** Gives access to the top-level scope of each module that is loaded from now on, and keeps it. */

import * as nodeModule from 'node:module';
import { pathToFileURL } from 'node:url';

import { packageUrl } from '../../package_files.js';
import type { ScopeAccess } from '../../functions/module_access.js';
import { originOfText } from '../../functions/function_from_text.js';
import { scopesVariable } from '../../functions/scope_access_text.js';
import { commonJsWithScopeAccess, withScopeAccess, type LoadedModule } from './scope_text.js';
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

const scopes = new Map<string, ScopeAccess>();
let opened = false;

/** To be called before any module of the user is loaded. */
export async function openScopes(): Promise<void> {
  if (opened) return;
  opened = true;
  Object.defineProperty(globalThis, scopesVariable, { value: scopes });
  hookCommonJs();
  const hooked = registerSynchronousHooks({
    load: (url, context, next) => {
      const loaded = next(url, context);
      return isCompiledByRequire(context, loaded) ? loaded : withScopeAccess(url, loaded);
    },
  });
  if (hooked) return;
  const hooks = packageUrl('dist/worker/modules/scope_hooks.js');
  await changeSources(withScopeAccess, hooks, () => {
    nodeModule.register(hooks);
  });
}

// Access is added later, after hooks of `require` have compiled the text: a compiler would not know the names in the
// added line.
function isCompiledByRequire({ conditions }: LoadContext, { format }: LoadedModule): boolean {
  return conditions?.includes('require') === true && format?.startsWith('module') !== true;
}

/** Adds access to a module that was loaded without it. If there are two, the one that hides fewer names is kept. */
export function addScopeAccess(url: string, scope: ScopeAccess): void {
  const known = scopes.get(url);
  if (known === undefined || hides(scope) < hides(known)) scopes.set(url, scope);
}

/** True if there is no better access to `url` than the present one. */
export function hasBestScopeAccess(url: string): boolean {
  const scope = scopes.get(url);
  return scope !== undefined && hides(scope) === 0;
}

function hides({ hidden }: ScopeAccess): number {
  return hidden?.size ?? 0;
}

/** The access to all modules that have one. */
export function allScopes(): Iterable<readonly [url: string, scope: ScopeAccess]> {
  return scopes;
}

/** The access to the scope of one module; undefined if it has none, or was not loaded. */
export function scopeOf(url: string): ScopeAccess | undefined {
  return scopes.get(url);
}

// CommonJS modules pass the load hooks without their text if the program has hooks of its own, and on Node.js 20.
function hookCommonJs(): void {
  const prototype = nodeModule.Module.prototype as unknown as CommonJsModule;
  const compile = prototype._compile;
  prototype._compile = function (text, filename, format, ...rest) {
    const code = mayOpen(text, filename, format)
      ? commonJsWithScopeAccess(pathToFileURL(filename).href, text)
      : text;
    return compile.call(this, code, filename, format, ...rest);
  };
}

// False for the text of a single function, which belongs to no module.
function mayOpen(text: unknown, filename: string, format: unknown): text is string {
  return (
    typeof text === 'string' &&
    format !== 'module' &&
    filename.startsWith('/') &&
    originOfText(text) === undefined
  );
}
