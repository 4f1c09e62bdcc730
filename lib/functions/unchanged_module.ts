/**
 * Reads the source of an ES module without the debugger. When the debugger is enabled it hashes all scripts of the
 * process, which takes as long as everything else for the first function.
 */

import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { urlsOnStack, type InspectedFunction, type Script } from './inspector.js';

/**
 * The module of `inspected`, if that has led to this call and its file is older than this process. The text is that of
 * the file: a loader may have given V8 another one.
 */
export function unchangedModule({ location, isOfModule }: InspectedFunction): Script | undefined {
  if (location === undefined || !isOfModule()) return undefined;
  const id = location.scriptId;
  const url = urlsOnStack().get(id);
  if (url?.startsWith('file:') !== true) return undefined;
  try {
    const path = fileURLToPath(url);
    if (statSync(path).mtimeMs >= performance.timeOrigin) return undefined;
    const source = readFileSync(path, 'utf8');
    return { id, url, isModule: true, start: { line: 0, column: 0 }, source };
  } catch {
    return undefined;
  }
}
