/** The main module of the program. The master never imports it, and workers only when a function needs it. */

import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

let givenByMaster: { readonly url: string | undefined } | undefined;

/** Sets the main module on a worker, as its master knows it. */
export function setMainModule(url: string | undefined): void {
  givenByMaster = { url };
}

/** The URL of the main module; undefined if the program has no file: `node -e`, standard input, the REPL. */
export function mainModule(): string | undefined {
  if (givenByMaster !== undefined) return givenByMaster.url;
  const [, path] = process.argv;
  if (path === undefined || (process as { _eval?: string })._eval !== undefined) return undefined;
  try {
    const resolved = createRequire(join(process.cwd(), 'main')).resolve(path);
    return pathToFileURL(realpathSync(resolved)).href;
  } catch {
    return undefined;
  }
}
