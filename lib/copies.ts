/**
 * Copies of this package in one process: a dependency has its own, a bundler has put one into the program, or the
 * launcher is installed elsewhere. There must be one MPI and one class Future for all of them. So the first copy that
 * is loaded serves all copies of its version: each of the others exports what the first one exports.
 */

import { createRequire } from 'node:module';

import { PerThread } from './per_thread.js';
import { packageFile, packageVersion } from './package_files.js';

type Entry = 'index' | 'mpi';

interface Copy {
  readonly version: string;
  /** Returns the exports of one of its entries. */
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

/** Makes this copy, which the launcher or a worker has started, the one that copies in the program use. */
export function serveOtherCopies(): void {
  shared.value ??= thisCopy;
}

/**
 * The exports of an entry of the package: `own`, or those of the copy that was loaded first. A copy of another version
 * keeps its own.
 */
export function exportsOf<T extends object>(entry: Entry, own: T): T {
  loaded[entry] = own;
  const first = (shared.value ??= thisCopy);
  if (first === thisCopy || first.version !== thisCopy.version) return own;
  return first.exportsOf(entry) as T;
}
