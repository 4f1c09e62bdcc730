/**
 * State that a process has once, as it has MPI once: kept where all copies of this package find it, also in realms of their
 * own, with a globalThis of their own, as jest has one for each test file. The modules of Node.js are the same objects for
 * all of them.
 */

import workerThreads from 'node:worker_threads';

import { MPIUnavailableError } from '../errors.js';
import { packageRoot, packageVersion } from '../package_files.js';

type States = Record<string, object | undefined>;

interface Process {
  /** Copies of one version share them. */
  readonly byVersion: Record<string, States | undefined>;
  /** The copy of this package that has started MPI. */
  owner: { readonly version: string; readonly place: string } | undefined;
}

const key = Symbol.for('mpi-futures.process');
const carrier = workerThreads as unknown as Record<symbol, Process | undefined>;

const version = packageVersion();
const inProcess = (carrier[key] ??= { byVersion: {}, owner: undefined });
const states = (inProcess.byVersion[version] ??= {});

/** The state `name` of this process, made by the first who asks for it. */
export function perProcess<T extends object>(name: string, create: () => T): T {
  return (states[name] ??= create()) as T;
}

/** MPI is about to be used. @throws {MPIUnavailableError} if a copy of another version uses it */
export function takeMpi(): void {
  const owner = (inProcess.owner ??= { version, place: packageRoot });
  if (owner.version === version) return;
  throw new MPIUnavailableError(
    `MPI is used in this process by mpi-futures ${owner.version} of ${owner.place}, and cannot be used by ` +
      `mpi-futures ${version} of ${packageRoot} too. Install one version for both (npm ls mpi-futures, npm dedupe)`,
    'ERR_MPI_TWO_VERSIONS',
  );
}
