/** The paths of this package's files, wherever a bundler has put this code. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { UsageError } from './errors.js';

/** The root directory of this package. */
export const packageRoot = findRoot();

function findRoot(): string {
  try {
    const root = dirname(createRequire(import.meta.url).resolve('mpi-futures/package.json'));
    // Webpack replaces this call: by a number, which dirname refuses, or by a path of its own.
    if (!isAbsolute(root)) throw new TypeError(`${root} is not a path in the file system`);
    return root;
  } catch (cause) {
    // In a bundle of the format CommonJS it is undefined.
    const url = (import.meta.url as string | undefined) ?? 'a bundle in the format CommonJS';
    throw new UsageError(
      `mpi-futures cannot find its own files, which workers need, from ${url}. Leave it out of the bundle ` +
        '(esbuild --external:mpi-futures, external: /^mpi-futures/ of rolldown, externals of webpack), or bundle as an ES ' +
        'module, with another bundler than webpack, and install mpi-futures where the bundle is',
      { cause },
    );
  }
}

/** The path of a file: `packageFile('dist/worker/main.js')`. */
export function packageFile(path: string): string {
  return join(packageRoot, path);
}

/** The `file:` URL of a file, for `import()`. */
export function packageUrl(path: string): string {
  return pathToFileURL(packageFile(path)).href;
}

/** The version in the package's package.json, read anew with each call. */
export function packageVersion(): string {
  const manifest = readFileSync(packageFile('package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
