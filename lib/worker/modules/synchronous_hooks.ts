/**
 * Module hooks that run in the thread that loads modules. Node.js has them from 22.15 on; the types used here do not.
 */

import * as nodeModule from 'node:module';

import type { LoadedModule } from './scope_text.js';

/** The answer of a resolve hook. */
export interface ResolvedModule {
  readonly url: string;
  readonly shortCircuit?: boolean;
}

/** The conditions under which a module is loaded; `require` is one of them. */
export interface LoadContext {
  readonly conditions?: readonly string[];
}

type Load = (url: string, context: LoadContext) => LoadedModule;
type Resolve = (specifier: string, context: object) => ResolvedModule;

/** Hooks that `module.registerHooks` takes. */
export interface SynchronousHooks {
  readonly load?: (url: string, context: LoadContext, next: Load) => LoadedModule;
  readonly resolve?: (specifier: string, context: object, next: Resolve) => ResolvedModule;
}

interface Loader {
  readonly registerHooks?: (hooks: SynchronousHooks) => void;
}

/** Registers hooks for `import` and `require`. Returns false if this Node.js has none of this kind. */
export function registerSynchronousHooks(hooks: SynchronousHooks): boolean {
  const { registerHooks } = nodeModule as Loader;
  registerHooks?.(hooks);
  return registerHooks !== undefined;
}
