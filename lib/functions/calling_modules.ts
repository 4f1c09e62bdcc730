/** Gives access to modules that are running: those whose functions, or top level, have led to the present call. */

import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { setStackFrames } from '../stack_frames.js';
import { urlOfScript } from './importable.js';
import { inspectCallers, type Caller } from './inspector.js';
import type { ScopeAccess } from './module_access.js';

/** A module whose code is on the stack, and the access to its scope. */
export interface RunningModule {
  readonly url: string;
  /** True for an ES module: while its top level awaits something, no other module can import it. */
  readonly isModule: boolean;
  readonly scope: ScopeAccess;
}

/** The modules of the program that have led to this call; none if V8's inspector cannot be used. */
export function callingModules(isTheirs: (url: string) => boolean): RunningModule[] {
  const found = new Map<string, RunningModule>();
  try {
    inspectCallers((callers) => {
      for (const caller of callers) {
        const url = urlOfScript(caller.url);
        // The outermost function of a script has the fewest variables of its own that hide those of the top level.
        if (url.startsWith('file:') && isTheirs(url)) found.set(url, runningModule(url, caller));
      }
    });
  } catch {
    return [];
  }
  return [...found.values()];
}

/** The files of the functions on the stack. This costs a thousandth of what {@link callingModules} does. */
export function callingFiles(): string[] {
  const prepare: unknown = Reflect.get(Error, 'prepareStackTrace');
  let urls: string[] = [];
  const frames = setStackFrames(Infinity);
  Reflect.set(Error, 'prepareStackTrace', (_error: unknown, sites: NodeJS.CallSite[]) => {
    urls = sites.map((site) => urlOfScript(site.getFileName() ?? ''));
  });
  try {
    Reflect.get(new Error(), 'stack');
  } finally {
    setStackFrames(frames);
    Reflect.set(Error, 'prepareStackTrace', prepare);
  }
  return [...new Set(urls)].filter((url) => url.startsWith('file:'));
}

function runningModule(url: string, caller: Caller): RunningModule {
  const makeScope = caller.evaluate(
    '$importMeta => __mpi_futures_code__ => eval(__mpi_futures_code__)',
  ) as (meta: object) => (code: string) => unknown;
  const file = fileURLToPath(url);
  const scope = makeScope({ url, filename: file, dirname: dirname(file) });
  const { isModule } = caller;
  return { url, isModule, scope: Object.assign(scope, { hidden: caller.innerNames() }) };
}
