/**
 * Tells if another process can import a script as a module. If not, its functions are sent with everything they use.
 */

import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The URL of a script. V8 has the paths of some scripts instead, such as those of jest. */
export function urlOfScript(url: string): string {
  return url.startsWith('/') ? pathToFileURL(url).href : url;
}

/**
 * False for the text of `node -e`, standard input and the REPL, for code made by `eval` and node:vm, and for the files
 * that a test runner is running: outside it, there is no `test` for them to call.
 */
export function isImportable(url: string): boolean {
  if (/^(data|https?):/.test(url)) return true;
  if (!url.startsWith('file:')) return false;
  const path = fileURLToPath(url);
  return existsSync(path) && !isRunningTest(path);
}

interface TestGlobals {
  readonly expect?: { getState?: () => { testPath?: string } };
}

function isRunningTest(path: string): boolean {
  const { JEST_WORKER_ID, VITEST } = process.env;
  if (JEST_WORKER_ID === undefined && VITEST === undefined) return false;
  const testPath = (globalThis as TestGlobals).expect?.getState?.().testPath;
  return testPath === path || /[./](test|spec)\.[cm]?[jt]sx?$|\/__tests__\//.test(path);
}
