/** Sets a worker up for an executor, in the order that the options' documentation gives. */

import { resolve } from 'node:path';
import { isMainThread } from 'node:worker_threads';

import { UsageError } from '../errors.js';
import type { IncomingFunctions } from '../functions/incoming_functions.js';
import type { ModuleAccess } from '../functions/module_access.js';
import type { ClientFunctions, ClientGlobals, ClientSetup } from '../tasks/messages.js';
import type { PackedValue, ValueCodec } from '../values/value_codec.js';
import { decodeStructure, functionsIn } from '../values/structure.js';
import { asOwn, callTheirs } from './unchanged_language.js';
import type { ClientSettings } from './client_settings.js';

/**
 * Applies `setup`; its settings are in force afterwards. Resolves to the codec of the executor, if it has one of its
 * own.
 */
export async function applySetup(
  setup: ClientSetup,
  settings: ClientSettings,
  functions: IncomingFunctions,
  modules: ModuleAccess,
): Promise<ValueCodec | undefined> {
  settings.begin(setup.client, setup.path, directoryOf(setup));
  settings.setVariables(setup.env);
  const globals = (await decode(setup.globals, functions)) as ClientGlobals;
  asOwn(() => {
    settings.setGlobals(globals);
  });
  if (setup.main !== undefined) await modules.load(setup.main);
  const { codec, initializer, initArgs } = (await decode(
    setup.functions,
    functions,
  )) as ClientFunctions;
  if (initializer !== undefined) await asOwn(() => callTheirs(initializer, initArgs as never[]));
  return codec;
}

function directoryOf({ cwd }: ClientSetup): string | undefined {
  if (isMainThread || cwd === undefined) return cwd;
  if (resolve(cwd) !== process.cwd())
    throw new UsageError(
      `cwd cannot be '${cwd}' here: the executor is a thread, whose working directory is that of the process. ` +
        'Start the program there, or give its functions absolute paths.',
    );
  return undefined;
}

async function decode(
  { bytes, buffers = [] }: PackedValue,
  functions: IncomingFunctions,
): Promise<unknown> {
  await asOwn(() => functions.prepare(functionsIn(bytes)));
  return asOwn(() => decodeStructure(bytes, buffers, functions));
}
