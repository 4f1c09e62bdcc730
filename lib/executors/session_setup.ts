/** What an executor tells the workers before its first task. */

import { BrokenExecutorError } from '../errors.js';
import { mainModule } from '../pool/main_module.js';
import type { SessionOptions } from '../pool/session.js';
import type { ModuleToLoad } from '../tasks/functions/module_access.js';
import { isRequired } from '../tasks/functions/load_module.js';
import type { SessionFunctions } from '../tasks/messages.js';
import { plainSnapshot } from '../tasks/values/snapshot.js';
import { encodeStructure, type EncodedStructure } from '../tasks/values/structure.js';
import { roots } from '../tasks/values/paths.js';
import { noFunctions, type FunctionsOut } from '../tasks/values/functions.js';
import type { ResolvedPoolOptions } from './options.js';

/** The set-up; if something in it cannot be sent, one without it and the `problem`. */
export function encodeSetup(
  options: ResolvedPoolOptions,
  functions: FunctionsOut,
): { options: SessionOptions; problem: BrokenExecutorError | undefined } {
  const { codec, initializer, initArgs, globals } = options;
  const code: SessionFunctions = { codec, initializer, initArgs };
  const context = { snapshot: plainSnapshot, functions, root: roots.value };
  try {
    const parts = [encodeStructure(globals, context), encodeStructure(code, context)] as const;
    return { options: sessionOptions(options, ...parts), problem: undefined };
  } catch (cause) {
    const nothing = encodeStructure({}, { ...context, functions: noFunctions });
    return {
      options: sessionOptions(options, nothing, nothing),
      problem: new BrokenExecutorError('The options of the executor cannot be sent to workers', {
        cause,
      }),
    };
  }
}

function sessionOptions(
  { path, cwd, env, main, codec, outOfBand, heartbeat, bootTimeout }: ResolvedPoolOptions,
  globals: EncodedStructure,
  functions: EncodedStructure,
): SessionOptions {
  return {
    setup: {
      path,
      cwd,
      env,
      globals: { bytes: globals.bytes, buffers: globals.buffers },
      main: main === true ? mainToLoad() : undefined,
      functions: { bytes: functions.bytes, buffers: functions.buffers },
      outOfBand,
    },
    functions: [...globals.functions, ...functions.functions],
    codec,
    bootTimeout,
    heartbeat,
  };
}

function mainToLoad(): ModuleToLoad | undefined {
  const url = mainModule();
  return url === undefined ? undefined : { url, required: isRequired(url) };
}
