/**
 * Loads modules in the way the program has loaded them, because loaders that hook `require`, such as ts-node/register,
 * may not hook `import()`.
 */

import { createRequire, Module } from 'node:module';
import { types } from 'node:util';
import { fileURLToPath } from 'node:url';

import type { ModuleToLoad, Namespace } from './module_access.js';

interface RequiredModule {
  readonly exports: unknown;
  /** null for the main module of the program, undefined for a module that `import` has loaded. */
  readonly parent: object | null | undefined;
}

// That of Node.js itself: `require.cache` is another one inside jest.
const { _cache: cache } = Module as unknown as {
  _cache: Record<string, RequiredModule | undefined>;
};

/**
 * True for a module loaded as CommonJS, by `require` or as the main module. An ES module has only one instance,
 * whichever way it is loaded.
 */
export function isRequired(url: string): boolean {
  if (!url.startsWith('file:')) return false;
  const module = cache[fileURLToPath(url)];
  return module?.parent !== undefined && !types.isModuleNamespaceObject(module.exports);
}

/** Loads a module by `require` or `import`. One that the program has already loaded is not loaded again. */
export async function loadModule({ url, required }: ModuleToLoad): Promise<Namespace> {
  if (!required) return (await import(url)) as Namespace;
  const exports: unknown = createRequire(url)(fileURLToPath(url));
  const isObject = typeof exports === 'function' || typeof exports === 'object';
  // As import() gives it. Not copied: exports may have getters.
  return Object.create(isObject ? exports : null, { default: { value: exports } }) as Namespace;
}
