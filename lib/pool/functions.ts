/** The functions of the program in this process: those that it sends to workers, and those that come from workers. */

import { DataCloneError } from '../errors.js';
import { IncomingFunctions } from '../functions/incoming_functions.js';
import type { ModuleAccess } from '../functions/module_access.js';
import { nameOfFunction } from '../functions/function_definition.js';
import { OutgoingFunctions } from '../functions/outgoing_functions.js';
import { sendingBy, type AnyFunction, type FunctionsOut } from '../values/functions_in_out.js';
import { mainModule } from '../process/main_module.js';
import { isWorker, loadOnWorker } from '../process/program_or_worker.js';

/** The functions that this process sends, with one numbering for all pools. */
export const programFunctions = new OutgoingFunctions();

/** The functions that one worker has defined. */
export function functionsOfWorker(): IncomingFunctions {
  return new IncomingFunctions(modulesOfProgram, (origin) => {
    const fn = programFunctions.functionOf(origin);
    if (fn !== undefined) return fn;
    throw new DataCloneError(
      'A task returned a function of the program that the program has given up since: keep a reference to it here',
    );
  });
}

const modulesOfProgram: ModuleAccess = {
  existing: (definition) => programFunctions.find(definition),
  load: async (module) => {
    const { url } = module;
    if (url === mainModule() && !isWorker()) {
      throw new DataCloneError(
        `${url} runs as the program, which cannot import itself to find what a task returned`,
      );
    }
    return loadOnWorker(module);
  },
  scope: () => undefined,
  scopes: () => [],
  compare: () => true,
  variablesDiffer: () => undefined,
};

/** The functions that one executor refuses to send. */
export interface FunctionRules {
  /** `'error'`: functions that capture variables are refused. */
  readonly closures: 'copy' | 'error';
  /** `false`: functions that need the main module are refused. */
  readonly main: boolean | undefined;
}

/** The functions of the program, with the rules of one executor for sending them. */
export function functionsFor({ closures, main }: FunctionRules): FunctionsOut {
  if (closures === 'copy' && main !== false) return programFunctions;
  return sendingBy(programFunctions, (fn) => {
    const sent = programFunctions.send(fn);
    if (sent.kind === 'bound') return sent;
    if (closures === 'error' && sent.capturedNames.length > 0)
      throw closureRefused(fn, sent.capturedNames);
    if (main === false && needsMain(sent.id)) throw mainRefused(fn);
    return sent;
  });
}

function needsMain(id: number): boolean {
  const definition = programFunctions.definition(id);
  switch (definition.kind) {
    case 'module':
      return !definition.standsAlone && definition.module === mainModule();
    case 'text':
      return definition.module !== undefined && definition.module === mainModule();
    default:
      return false;
  }
}

function closureRefused(fn: AnyFunction, names: readonly string[]): DataCloneError {
  return new DataCloneError(
    `${nameOfFunction(fn.name)} captures ${names.join(', ')}, which closures: 'error' forbids: ` +
      'pass such values as arguments',
  );
}

function mainRefused(fn: AnyFunction): DataCloneError {
  return new DataCloneError(
    `${nameOfFunction(fn.name)} needs the main module, which main: false keeps from being imported on workers: ` +
      'move it to a module of its own',
  );
}
