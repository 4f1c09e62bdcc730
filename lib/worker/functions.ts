/** Functions on a worker: imported from their modules. */

import { importing, setImporting } from '../pool/role.js';
import type { FunctionDefinition } from '../tasks/messages.js';
import { findFunction, type TaskFunction } from '../tasks/references.js';

/** Imports the module of a function and finds it there. */
export async function loadFunction(definition: FunctionDefinition): Promise<TaskFunction> {
  const outer = importing();
  setImporting(definition.module);
  try {
    const namespace = (await import(definition.module)) as Record<string, unknown>;
    return findFunction(definition, namespace);
  } finally {
    setImporting(outer);
  }
}
