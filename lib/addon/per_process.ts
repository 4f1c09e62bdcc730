/**
 * State that exists once per process, as MPI does. All copies of this package find it, including those in another realm
 * with a globalThis of its own, such as jest's for each test file. It is kept on modules of Node.js, which are the same
 * objects for all copies.
 */

import workerThreads from 'node:worker_threads';

import { MPIUnavailableError } from '../errors.js';
import { packageRoot, packageVersion } from '../package_files.js';

type States = Record<string, object | undefined>;

interface Process {
  /** The state shared by copies of one version. */
  readonly byVersion: Record<string, States | undefined>;
  /** The copy of this package that has started MPI. */
  owner: { readonly version: string; readonly place: string } | undefined;
}

const key = Symbol.for('mpi-futures.process');
const carrier = workerThreads as unknown as Record<symbol, Process | undefined>;

const version = packageVersion();
const inProcess = (carrier[key] ??= { byVersion: {}, owner: undefined });
const states = (inProcess.byVersion[version] ??= {});

/** The state `name` of this process, made by the first caller that asks for it. */
export function perProcess<T extends object>(name: string, create: () => T): T {
  return (states[name] ??= create()) as T;
}

/**
 * Claims MPI for this copy of the package, which is about to use it.
 *
 * @throws {MPIUnavailableError} if a copy of another version uses MPI
 */
export function takeMpi(): void {
  const owner = (inProcess.owner ??= { version, place: packageRoot });
  if (owner.version === version) return;
  throw new MPIUnavailableError(
    `MPI is used in this process by mpi-futures ${owner.version} of ${owner.place}, and cannot be used by ` +
      `mpi-futures ${version} of ${packageRoot} too. Install one version for both (npm ls mpi-futures, npm dedupe)`,
    'ERR_MPI_TWO_VERSIONS',
  );
}
