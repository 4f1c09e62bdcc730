/** What an executor wants done on a worker before its first task, in the order that the options' documentation gives. */

import type { SessionSetup } from '../tasks/messages.js';
import { loadFunction } from './functions.js';

export async function applySetup({ cwd, env, globals, initializer }: SessionSetup): Promise<void> {
  if (cwd !== undefined) process.chdir(cwd);
  Object.assign(process.env, env);
  Object.assign(globalThis, globals);
  if (initializer === undefined) return;
  const fn = await loadFunction(initializer.definition);
  await Reflect.apply(fn, undefined, initializer.args as never[]);
}
