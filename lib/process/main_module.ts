/** The main module of the program, which the master never imports, and its workers only when a function needs it. */

import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

let toldByMaster: { readonly url: string | undefined } | undefined;

/** On a worker: what its master knows as the main module. */
export function setMainModule(url: string | undefined): void {
  toldByMaster = { url };
}

/** Its URL; undefined where the program is text: `node -e`, standard input, the REPL. */
export function mainModule(): string | undefined {
  if (toldByMaster !== undefined) return toldByMaster.url;
  const [, path] = process.argv;
  if (path === undefined || (process as { _eval?: string })._eval !== undefined) return undefined;
  try {
    const resolved = createRequire(join(process.cwd(), 'main')).resolve(path);
    return pathToFileURL(realpathSync(resolved)).href;
  } catch {
    return undefined;
  }
}
