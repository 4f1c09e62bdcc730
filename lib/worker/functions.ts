/** Functions on a worker: imported from their modules. */

import { importOnWorker } from '../pool/role.js';
import type { FunctionDefinition } from '../tasks/messages.js';
import { findFunction, type TaskFunction } from '../tasks/references.js';

/** Imports the module of a function and finds it there. */
export async function loadFunction(definition: FunctionDefinition): Promise<TaskFunction> {
  return findFunction(definition, await importOnWorker(definition.module));
}
