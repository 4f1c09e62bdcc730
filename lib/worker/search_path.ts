/** Directories in which a worker looks for modules that it finds nowhere else. */

import * as nodeModule from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { packageUrl } from '../package_files.js';
import { startDirectory } from '../start_directory.js';
import { findInDirectories } from './find_in_directories.js';
import { registerSynchronousHooks } from './synchronous_hooks.js';

interface CommonJsLoader {
  _resolveFilename: (request: string, ...rest: unknown[]) => string;
}

const known = new Set<string>();

/** Looks for bare specifiers of ES and CommonJS modules in `paths` too, in their order. */
export function addSearchPath(paths: readonly string[]): void {
  const added = paths
    .map((path) => resolve(startDirectory, path))
    .filter((path) => !known.has(path));
  if (added.length === 0) return;
  for (const path of added) known.add(path);
  const hooked = registerSynchronousHooks({
    resolve: (specifier, context, next) => {
      try {
        return next(specifier, context);
      } catch (error) {
        const url = findInDirectories(specifier, added);
        if (url === undefined) throw error;
        return { url, shortCircuit: true };
      }
    },
  });
  if (hooked) return;
  hookCommonJs(added);
  nodeModule.register(packageUrl('dist/worker/search_path_hooks.js'), { data: added });
}

function hookCommonJs(paths: readonly string[]): void {
  const loader = nodeModule.Module as unknown as CommonJsLoader;
  const original = loader._resolveFilename;
  loader._resolveFilename = function (request, ...rest) {
    try {
      return original.call(this, request, ...rest);
    } catch (error) {
      const url = findInDirectories(request, paths);
      if (url === undefined) throw error;
      return fileURLToPath(url);
    }
  };
}
