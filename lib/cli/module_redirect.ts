/**
 * Redirects a module specifier: to a module as another file would import it, or to a text without a file. This uses
 * module hooks, which run in this thread, or, before Node.js 22.15, in a thread of their own.
 */

import { register } from 'node:module';
import { pathToFileURL } from 'node:url';

import { packageUrl } from '../package_files.js';
import { registerSynchronousHooks } from '../worker/modules/synchronous_hooks.js';
import { resolveRedirected, redirectedText, type Redirect } from './module_redirect_hooks.js';

/** The URL of a module, as `import` finds it from the working directory. */
export function resolveAsImport(specifier: string): string {
  const from = 'mpi-futures:module';
  redirect({ from, to: specifier, parentURL: `${hereUrl()}/` });
  return import.meta.resolve(from);
}

/**
 * Makes a stub file of this package stand for an ES module with this text, whose URL is the one that `node -e` gives
 * it.
 */
export function standFor(stub: string, text: string): void {
  redirect({ from: packageUrl(stub), to: `${hereUrl()}/[eval1]`, text });
}

function hereUrl(): string {
  return pathToFileURL(process.cwd()).href;
}

function redirect(how: Redirect): void {
  const hooked = registerSynchronousHooks({
    resolve: (specifier, context, next) => resolveRedirected(how, specifier, context, next),
    load: (url, context, next) => redirectedText(how, url) ?? next(url, context),
  });
  if (!hooked) register(packageUrl('dist/cli/module_redirect_hooks.js'), { data: how });
}
