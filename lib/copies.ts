/**
 * Copies of this package in one process: a dependency has brought its own, a bundler has put it into the program, the launcher
 * is installed elsewhere. They must not have an MPI each, nor an idea each of what a Future is. So the first copy that is
 * loaded serves all of its version: whoever imports another one gets what the first one exports.
 */

import { createRequire } from 'node:module';

import { PerThread } from './per_thread.js';
import { packageFile, packageVersion } from './package_files.js';

type Entry = 'index' | 'mpi';

interface Copy {
  readonly version: string;
  /** The exports of one of its entries. */
  exportsOf(entry: Entry): object;
}

const shared = new PerThread<Copy>('copy');

const loaded: Partial<Record<Entry, object>> = {};
const thisCopy: Copy = {
  get version() {
    return packageVersion();
  },
  // An entry that was not imported yet is required: `require` of the package cannot wait for an `import()`.
  exportsOf: (entry) =>
    loaded[entry] ??
    (createRequire(import.meta.url)(packageFile(`dist/entry/${entry}.js`)) as object),
};

/** The launcher, or a worker, has begun: a program that brings a copy of its own finds this one. */
export function serveOtherCopies(): void {
  shared.value ??= thisCopy;
}

/**
 * The exports that an entry of the package hands out: `own`, or those of the copy that was loaded first. A copy of another
 * version is left alone.
 */
export function exportsOf<T extends object>(entry: Entry, own: T): T {
  loaded[entry] = own;
  const first = (shared.value ??= thisCopy);
  if (first === thisCopy || first.version !== thisCopy.version) return own;
  return first.exportsOf(entry) as T;
}
