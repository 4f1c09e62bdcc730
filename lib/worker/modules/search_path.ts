/** Directories in which a worker looks for modules that are found nowhere else. */

import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort } from 'node:worker_threads';

import { packageUrl } from '../../package_files.js';
import { findInDirectories, isBare } from './find_in_directories.js';
import type { HooksData } from './search_path_hooks.js';
import { registerSynchronousHooks } from './synchronous_hooks.js';

interface CommonJsLoader {
  _load: (request: string, ...rest: unknown[]) => unknown;
  _resolveFilename: (request: string, ...rest: unknown[]) => string;
}

const loader = nodeModule.Module as unknown as CommonJsLoader;

let directories: readonly string[] = [];
let isHooked = false;
/** Sends to the thread in which Node.js 20 runs hooks. */
let hooksThread: MessagePort | undefined;

/**
 * From now on, looks for bare specifiers of ES and CommonJS modules in `paths`, too, in that order, and in no other
 * directories.
 */
export function searchIn(paths: readonly string[]): void {
  if (paths.length === 0 && directories.length === 0) return;
  directories = paths;
  if (!isHooked) hook();
  hooksThread?.postMessage(paths);
}

function hook(): void {
  isHooked = true;
  loadByFile();
  const hooked = registerSynchronousHooks({
    resolve: (specifier, context, next) => {
      try {
        return next(specifier, context);
      } catch (error) {
        const url = findInDirectories(specifier, directories);
        if (url === undefined) throw error;
        return { url, shortCircuit: true };
      }
    },
  });
  if (hooked) return;
  hookCommonJs();
  const { port1, port2 } = new MessageChannel();
  hooksThread = port1;
  nodeModule.register(packageUrl('dist/worker/modules/search_path_hooks.js'), {
    data: { news: port2 } satisfies HooksData,
    transferList: [port2],
  });
}

/**
 * Makes `require` load by its file what is found only in these directories. CommonJS caches the file that a name means
 * for a directory of modules, and another executor's directories may have another file.
 */
function loadByFile(): void {
  const load = loader._load;
  loader._load = function (request, ...rest) {
    const file = directories.length > 0 ? fileInDirectories(request, rest) : undefined;
    return load.call(this, file ?? request, ...rest);
  };
}

function fileInDirectories(request: string, rest: readonly unknown[]): string | undefined {
  if (nodeModule.isBuiltin(request) || !isBare(request)) return undefined;
  const all = directories;
  directories = [];
  try {
    loader._resolveFilename(request, ...rest);
    return undefined; // as without them
  } catch {
    const url = findInDirectories(request, all);
    return url && fileURLToPath(url);
  } finally {
    directories = all;
  }
}

function hookCommonJs(): void {
  const original = loader._resolveFilename;
  loader._resolveFilename = function (request, ...rest) {
    try {
      return original.call(this, request, ...rest);
    } catch (error) {
      const url = findInDirectories(request, directories);
      if (url === undefined) throw error;
      return fileURLToPath(url);
    }
  };
}
