/** Encodes the set-up that an executor sends to the workers before its first task. */

import { BrokenExecutorError } from '../errors.js';
import { mainModule } from '../process/main_module.js';
import type { ClientOptions } from '../pool/client.js';
import type { ModuleToLoad } from '../functions/module_access.js';
import { isRequired } from '../functions/load_module.js';
import type { ClientFunctions } from '../tasks/messages.js';
import { plainSnapshot } from '../values/buffers/snapshot.js';
import { encodeStructure, type EncodedStructure } from '../values/structure.js';
import { roots } from '../values/refusing/paths.js';
import { noFunctions, type FunctionsOut } from '../values/functions_in_out.js';
import { KeptFunctions } from './kept_functions.js';
import type { ResolvedPoolOptions } from './options.js';

/** Encodes the set-up. If something in it cannot be sent, returns one without it and the `problem`. */
export function encodeSetup(
  executor: string,
  options: ResolvedPoolOptions,
  functions: FunctionsOut,
): { options: ClientOptions; problem: BrokenExecutorError | undefined } {
  const { codec, initializer, initArgs, globals } = options;
  const code: ClientFunctions = { codec, initializer, initArgs };
  const keeps: object[] = [];
  const context = {
    snapshot: plainSnapshot,
    functions: new KeptFunctions(functions, keeps),
    root: roots.value,
  };
  try {
    const parts = [encodeStructure(globals, context), encodeStructure(code, context)] as const;
    return { options: clientOptions(executor, options, ...parts, keeps), problem: undefined };
  } catch (cause) {
    const nothing = encodeStructure({}, { ...context, functions: noFunctions });
    return {
      options: clientOptions(executor, options, nothing, nothing, []),
      problem: new BrokenExecutorError('The options of the executor cannot be sent to workers', {
        cause,
      }),
    };
  }
}

function clientOptions(
  executor: string,
  options: ResolvedPoolOptions,
  globals: EncodedStructure,
  functions: EncodedStructure,
  keeps: readonly object[],
): ClientOptions {
  const { path, cwd, env, main, codec, outOfBand, heartbeat, bootTimeout } = options;
  const { maxTasksPerWorker, maxMemory, isolate } = options;
  return {
    setup: {
      executor,
      path,
      cwd,
      env,
      globals: { bytes: globals.bytes, buffers: globals.buffers },
      main: main === true ? mainToLoad() : undefined,
      functions: { bytes: functions.bytes, buffers: functions.buffers },
      outOfBand,
      maxMemory,
    },
    functions: [...globals.functions, ...functions.functions],
    keeps,
    codec,
    bootTimeout,
    heartbeat,
    recycling: { maxTasks: maxTasksPerWorker },
    isolate,
  };
}

function mainToLoad(): ModuleToLoad | undefined {
  const url = mainModule();
  return url === undefined ? undefined : { url, required: isRequired(url) };
}
