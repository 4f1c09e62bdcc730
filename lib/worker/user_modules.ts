/** The modules of the program on a worker. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { importOnWorker } from '../pool/role.js';
import type { ModuleDefinition } from '../tasks/functions/definition.js';
import { hashOf } from '../tasks/functions/describe.js';
import { inspectFunction, scriptWithId } from '../tasks/functions/inspector.js';
import type { ModuleAccess } from '../tasks/functions/module_access.js';
import type { AnyFunction } from '../tasks/values/functions.js';
import { doorOf } from './module_doors.js';

/** The modules as functions that arrive see them; `warn` is called once for each whose source is not that of the program. */
export type ModulesOf = (warn: (url: string) => void) => ModuleAccess;

/** @param warn - called once for each module whose source is not that of the program */
export function userModules(warn: (url: string) => void): ModuleAccess {
  const same = new Map<string, boolean>();
  return {
    existing: () => undefined,
    import: importOnWorker,
    door: doorOf,
    compare: ({ module, sourceHash }: ModuleDefinition, fn) => {
      if (sourceHash === '') return false;
      let isSame = same.get(module);
      if (isSame === undefined) {
        isSame = hashOfFile(module) === sourceHash || hashOfScript(fn) === sourceHash;
        same.set(module, isSame);
        if (!isSame) warn(module);
      }
      return isSame;
    },
  };
}

function hashOfFile(url: string): string | undefined {
  try {
    return hashOf(readFileSync(fileURLToPath(url), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Of what V8 was given, which is not the file where that is TypeScript, or transformed; takes some 50 ms. */
function hashOfScript(fn: AnyFunction): string | undefined {
  return inspectFunction(fn, ({ location }) => {
    if (location === undefined) return undefined;
    return hashOf(scriptWithId(location.scriptId).source);
  });
}
