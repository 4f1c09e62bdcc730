/** Module hooks in the thread that Node.js 20 runs them in. */

import { withScopeAccess, type LoadedModule } from './scope_text.js';

type NextLoad = (url: string, context: object) => Promise<LoadedModule>;

/** The load hook of Node.js: appends access to its scope to the text of an ES module. */
export async function load(url: string, context: object, next: NextLoad): Promise<LoadedModule> {
  const loaded = await next(url, context);
  // CommonJS gets it where it is compiled.
  return loaded.format === 'commonjs' ? loaded : withScopeAccess(url, loaded);
}
