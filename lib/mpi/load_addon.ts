/** Loads the addon that fits the MPI of this process. */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

import { MPIUnavailableError, UsageError } from '../errors.js';
import { abiNames } from './abi.js';
import type { Addon } from './addon.js';
import { findAddons, isWhole, type AddonFile } from './addon_files.js';
import {
  describeLibrary,
  implementationNames,
  implementations,
  isImplementation,
  type Implementation,
  type MpiLibrary,
} from './implementation.js';
import { isPmiConnected, launcher, srunPlugin } from './launcher.js';
import { calmUcx } from './library_settings.js';

const require = createRequire(import.meta.url);

export interface LoadedAddon {
  readonly addon: Addon;
  readonly file: string;
  readonly isPrebuilt: boolean;
  /** The MPI that came with it. */
  readonly library: MpiLibrary;
}

const packages: Readonly<Record<Implementation, string>> = {
  openmpi: 'Debian, Ubuntu: apt-get install openmpi-bin; macOS: brew install open-mpi',
  mpich: 'Debian, Ubuntu: apt-get install mpich; macOS: brew install mpich',
};

/**
 * Loads the addon: `MPI_FUTURES_ADDON` if set, else the first that can be loaded of those for `MPI_FUTURES_MPI`, else for the
 * launcher's MPI, else for any. One that was built on this machine goes before a prebuilt one.
 *
 * @throws {UsageError} for a wrong value of one of the variables
 * @throws {MPIUnavailableError} `ERR_ADDON_NOT_BUILT`, `ERR_MPI_NOT_FOUND` or `ERR_MPI_LAUNCHER_MISMATCH`, saying what to do
 */
export function loadAddon(): LoadedAddon {
  const { MPI_FUTURES_ADDON: file } = process.env;
  if (file) {
    if (!existsSync(file)) {
      throw new UsageError(
        `Expected the path of an addon for MPI_FUTURES_ADDON but received '${file}'`,
      );
    }
    return loadFile(file);
  }
  const wanted = wantedImplementation();
  return firstLoaded(wanted);
}

/** What was chosen, or what the launcher is; null: any will do. */
function wantedImplementation(): Implementation | null {
  const { MPI_FUTURES_MPI: chosen } = process.env;
  const { implementation } = launcher;
  if (!chosen) return implementation;
  if (!isImplementation(chosen)) {
    throw new UsageError(`Expected openmpi or mpich for MPI_FUTURES_MPI but received '${chosen}'`);
  }
  if (implementation !== null && implementation !== chosen)
    throw launcherMismatch(chosen, implementation);
  return chosen;
}

/** The MPI that was loaded is not the one of the launcher: each process would think it is alone. */
export function launcherMismatch(
  loaded: Implementation | null,
  starter: Implementation | null,
): MPIUnavailableError {
  const name = loaded === null ? 'This MPI' : implementationNames[loaded];
  if (srunPlugin !== undefined) {
    return new MPIUnavailableError(
      `${name} was to be used in a process started by srun --mpi=${srunPlugin}, which does not serve it. ` +
        `Use srun --mpi=${loaded === 'openmpi' ? 'pmix' : 'pmi2'}, or the mpiexec of ${name}.`,
      'ERR_MPI_LAUNCHER_MISMATCH',
    );
  }
  const isOther = starter !== null && starter !== loaded;
  const started = isOther
    ? `the mpiexec of ${implementationNames[starter]}`
    : 'a launcher that does not serve it';
  const other = isOther ? starter : implementations.find((each) => each !== loaded);
  return new MPIUnavailableError(
    `${name} was to be used in a process started by ${started}. ` +
      `Use the mpiexec of ${name}, or MPI_FUTURES_MPI=${other}.`,
    'ERR_MPI_LAUNCHER_MISMATCH',
  );
}

function notBuilt(wanted: Implementation | null): MPIUnavailableError {
  return new MPIUnavailableError(
    wanted === null
      ? 'The addon has not been built. Install an MPI with its development files ' +
          '(Debian, Ubuntu: apt-get install libopenmpi-dev openmpi-bin; macOS: brew install open-mpi) ' +
          'and run: npx mpi-futures build'
      : `The addon has not been built for ${implementationNames[wanted]}. ` +
          `Install its development files, if they are missing, and run: npx mpi-futures build`,
    'ERR_ADDON_NOT_BUILT',
  );
}

/** @throws the failure of the first that was built here; of prebuilt ones, that there is no MPI or why it cannot be used */
function firstLoaded(wanted: Implementation | null): LoadedAddon {
  const failures: MPIUnavailableError[] = [];
  let telling: MPIUnavailableError | undefined;
  for (const each of findAddons(wanted)) {
    try {
      return loadIfOf(wanted, each);
    } catch (error) {
      if (!(error instanceof MPIUnavailableError)) throw error;
      failures.push(error);
      if (!each.isPrebuilt || !isLibraryMissing(error)) telling ??= error;
    }
  }
  if (failures.length === 0) throw notBuilt(wanted);
  throw telling ?? notInstalled(wanted, failures);
}

function isLibraryMissing({ cause }: MPIUnavailableError): boolean {
  return (
    cause instanceof Error &&
    /cannot open shared object file|Library not loaded/.test(cause.message)
  );
}

function notInstalled(
  wanted: Implementation | null,
  failures: readonly Error[],
): MPIUnavailableError {
  const name = wanted === null ? 'No MPI' : `No ${implementationNames[wanted]}`;
  return new MPIUnavailableError(
    `${name} was found on this machine. Install one (${packages[wanted ?? 'openmpi']}). ` +
      'For one that is installed elsewhere: npx mpi-futures build --mpicc PATH, or add its libraries to LD_LIBRARY_PATH',
    'ERR_MPI_NOT_FOUND',
    { cause: failures[0] },
  );
}

/** The ABI of MPI 5 may be that of any MPI. */
function loadIfOf(wanted: Implementation | null, kind: AddonFile): LoadedAddon {
  const loaded = loadFile(kind.file, kind);
  const { implementation } = loaded.library;
  if (kind.abi !== 'standard' || wanted === null || implementation === wanted) return loaded;
  throw launcherMismatch(implementation, wanted);
}

function loadFile(file: string, kind?: AddonFile): LoadedAddon {
  const isOfMpich =
    kind?.abi === 'mpich' || (kind?.abi === 'standard' && launcher.implementation === 'mpich');
  if (isOfMpich && !isPmiConnected()) {
    throw new MPIUnavailableError(
      'This process cannot reach the mpiexec of MPICH that started it: npx, or another program in between, has not passed on ' +
        'the connection (PMI_FD). Name the command itself: mpiexec -n N node_modules/.bin/mpi-futures app.js. Child processes ' +
        'of a rank, such as those of jest, have none: use jest -i',
      'ERR_MPI_LAUNCHER_MISMATCH',
    );
  }
  calmUcx();
  try {
    if (!isWhole(file)) throw new Error('it is cut off');
    const addon = require(file) as Addon;
    const isPrebuilt = kind?.isPrebuilt === true;
    return { addon, file, isPrebuilt, library: describeLibrary(addon.libraryVersion()) };
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw cannotBeLoaded(file, reason, cause, kind);
  }
}

function cannotBeLoaded(
  file: string,
  reason: string,
  cause: unknown,
  kind?: AddonFile,
): MPIUnavailableError {
  return new MPIUnavailableError(
    `The addon ${file} cannot be loaded: ${reason}. ${whatNow(reason, kind)}: npx mpi-futures build`,
    'ERR_MPI_NOT_FOUND',
    { cause },
  );
}

function whatNow(reason: string, kind?: AddonFile): string {
  const isPrebuilt = kind?.isPrebuilt === true;
  const mpi = kind === undefined ? 'its MPI' : abiNames[kind.abi];
  if (/it is cut off|file too short|invalid ELF header/.test(reason)) {
    const again = isPrebuilt ? 'Install the package again, or build it' : 'Build it again';
    return `The file is damaged. ${again}`;
  }
  if (/version `(GLIBC|GLIBCXX|CXXABI)_.+ not found/.test(reason))
    return 'It was built for a newer system than this one. Build it for this one';
  const isTooOld = /undefined symbol: P?MPI_\w+/.test(reason);
  const question = isTooOld
    ? `The library of ${mpi} that was found is too old for it: this package needs MPI 3.1.`
    : `Is ${mpi} installed, and the one it was built with?`;
  return `${question} To build it for the MPI of this machine run`;
}
