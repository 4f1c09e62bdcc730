/** Where the files of this package are, whichever file this code has been bundled into. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { UsageError } from './errors.js';

/** Where this package is. */
export const packageRoot = findRoot();

function findRoot(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve('mpi-futures/package.json'));
  } catch (cause) {
    // In a bundle of the format CommonJS it is undefined.
    const url = (import.meta.url as string | undefined) ?? 'a bundle in the format CommonJS';
    throw new UsageError(
      `mpi-futures does not find its own files, from which workers are started, from ${url}. Leave it out of the bundle ` +
        '(esbuild --external:mpi-futures, external: /^mpi-futures/ of rolldown), or bundle as an ES module and ' +
        'install mpi-futures where the bundle is',
      { cause },
    );
  }
}

/** The path of one: `packageFile('dist/worker/main.js')`. */
export function packageFile(path: string): string {
  return join(packageRoot, path);
}

export function packageUrl(path: string): string {
  return pathToFileURL(packageFile(path)).href;
}

export function packageVersion(): string {
  const manifest = readFileSync(packageFile('package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
