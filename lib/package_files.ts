/** Where the files of this package are, whichever file this code has been bundled into. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = dirname(createRequire(import.meta.url).resolve('mpi-futures/package.json'));

/** The path of one: `packageFile('dist/worker/main.js')`. */
export function packageFile(path: string): string {
  return join(root, path);
}

export function packageUrl(path: string): string {
  return pathToFileURL(packageFile(path)).href;
}

export function packageVersion(): string {
  const manifest = readFileSync(packageFile('package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
