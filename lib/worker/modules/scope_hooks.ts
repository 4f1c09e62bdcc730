/** Module hooks in the thread that Node.js 20 runs them in. */

import { withDoor, type LoadedModule } from './scope_text.js';

type NextLoad = (url: string, context: object) => Promise<LoadedModule>;

/** The load hook of Node.js: appends a door to the text of ES modules. */
export async function load(url: string, context: object, next: NextLoad): Promise<LoadedModule> {
  const loaded = await next(url, context);
  // CommonJS gets its door where it is compiled.
  return loaded.format === 'commonjs' ? loaded : withDoor(url, loaded);
}
