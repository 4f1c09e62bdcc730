/** The modules of the program on a worker. */

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';

import { attempt } from '../../attempt.js';
import { slow, whenLate } from '../../late.js';
import { loadOnWorker } from '../../process/program_or_worker.js';
import type { ModuleDefinition } from '../../functions/function_definition.js';
import { hashOf } from '../../functions/describe_function.js';
import { inspectFunction, scriptWithId } from '../../functions/inspector.js';
import type { ModuleAccess } from '../../functions/module_access.js';
import type { Warning } from '../../tasks/messages.js';
import type { AnyFunction } from '../../values/functions_in_out.js';
import { allScopes, scopeOf } from './scope_access.js';

/** The modules as received functions use them; `warn` tells the user about differences from the program. */
export type ModulesOf = (warn: (warning: Warning) => void) => ModuleAccess;

/** The modules of the program as a worker process or thread imports them itself. */
export function userModules(warn: (warning: Warning) => void): ModuleAccess {
  const same = new Map<string, boolean>();
  return {
    existing: () => undefined,
    load: async (module) => {
      const over = whenLate(() => {
        warn(slowModule(module.url));
        return true;
      });
      try {
        return await loadOnWorker(module);
      } finally {
        over();
      }
    },
    scope: scopeOf,
    scopes: allScopes,
    compare: ({ module, sourceHash }: ModuleDefinition, fn) => {
      if (sourceHash === '') return false;
      let isSame = same.get(module);
      if (isSame === undefined) {
        isSame = hashOfFile(module) === sourceHash || hashOfScript(fn) === sourceHash;
        same.set(module, isSame);
        if (!isSame) warn(otherSource(module));
      }
      return isSame;
    },
    variablesDiffer: (module, fn, differences) => {
      for (const difference of differences) warn(otherValue(module, fn, difference));
    },
  };
}

function slowModule(url: string): Warning {
  const text =
    `${url} is not loaded after ${slow} s on ${hostname()}: its files are read slowly, or the code at its top level, which workers run too, waits for something. ` +
    'Tasks with functions of it wait without a limit. Put what is for the program alone inside if (isMain).';
  return { code: 'MPI_FUTURES_SLOW_MODULE', text };
}

function otherSource(url: string): Warning {
  const text =
    `On ${hostname()} the source of ${url} differs from the program's: ` +
    'its functions may behave differently there. Put the same files on all hosts.';
  return { code: 'MPI_FUTURES_SOURCE_DIFFERS', text };
}

function otherValue(url: string, fn: string, difference: string): Warning {
  const text =
    `${fn}, or a function that it calls, reads ${difference}: workers run ${url} themselves, without the code inside if (isMain). ` +
    'Pass such values as arguments, or set them in an initializer.';
  return { code: 'MPI_FUTURES_VARIABLE_DIFFERS', text };
}

function hashOfFile(url: string): string | undefined {
  return attempt(() => hashOf(readFileSync(fileURLToPath(url), 'utf8')));
}

/**
 * The hash of the script that V8 compiled, which differs from the file for TypeScript and transformed code. Takes some
 * 50 ms.
 */
function hashOfScript(fn: AnyFunction): string | undefined {
  return inspectFunction(fn, ({ location }) => {
    if (location === undefined) return undefined;
    return hashOf(scriptWithId(location.scriptId).source);
  });
}
