/**
 * The modules of the program in a process that runs the program itself, and serves as a worker in between. They were
 * loaded before their scopes could be made accessible, and a module that waits at its top level cannot be imported.
 */

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { attempt } from '../../attempt.js';
import { packageUrl } from '../../package_files.js';
import { programFunctions } from '../../pool/functions.js';
import { mainModule } from '../../process/main_module.js';
import { stayInImport } from '../../process/program_or_worker.js';
import { callingFiles, callingModules } from '../../functions/calling_modules.js';
import type { ModuleDefinition } from '../../functions/function_definition.js';
import { findInModule, hasTextOf } from '../../functions/find_in_module.js';
import type { AnyFunction } from '../../values/functions_in_out.js';
import { addScopeAccess, hasBestScopeAccess, openScopes, scopeOf } from './scope_access.js';
import { userModules, type ModulesOf } from './user_modules.js';

const ownFiles = packageUrl('dist/');
/** ES modules that may be waiting at their top level. */
const waiting = new Set<string>();

/**
 * Remembers access to the modules that have led to this call. To be called at once where the program calls this
 * package.
 */
export function rememberCallers(): void {
  const isNew = (url: string): boolean => !url.startsWith(ownFiles) && !hasBestScopeAccess(url);
  if (!callingFiles().some(isNew)) return;
  for (const { url, isModule, scope } of callingModules(isNew)) {
    addScopeAccess(url, scope);
    if (isModule) waiting.add(url);
  }
}

/**
 * Stays here for ever, in a process that imports a module which has reached a place where processes of the program
 * serve.
 */
export function stayHere(): Promise<never> {
  rememberCallers();
  stayInImport();
  return new Promise(() => undefined);
}

/** The modules as received functions use them while this process serves. */
export const runningModules: ModulesOf = (warn) => {
  const modules = userModules(warn);
  return {
    ...modules,
    // Each process runs the program itself, and may have its own values on purpose.
    variablesDiffer: () => undefined,
    existing: (definition) => throughScope(definition) ?? inHeap(definition),
    load: async (module) => {
      if (isWaiting(module.url)) return {};
      await openScopes(); // what was loaded before goes without
      return modules.load(module);
    },
  };
};

function isWaiting(url: string): boolean {
  return waiting.has(url) || (url === mainModule() && !isLoadedCommonJs(url));
}

function isLoadedCommonJs(url: string): boolean {
  return fileURLToPath(url) in createRequire(import.meta.url).cache;
}

function throughScope(definition: ModuleDefinition): AnyFunction | undefined {
  const scope = scopeOf(definition.module);
  if (scope === undefined) return undefined;
  const found = findInModule(definition, {}, scope);
  return found !== undefined && hasTextOf(found, definition) ? found : undefined;
}

/** Finds a function in the heap, if its module can neither be imported nor accessed. */
function inHeap(definition: ModuleDefinition): AnyFunction | undefined {
  if (definition.exportedAs !== undefined && !isWaiting(definition.module)) return undefined;
  return attempt(() => programFunctions.find(definition)); // throws if the inspector is refused
}
