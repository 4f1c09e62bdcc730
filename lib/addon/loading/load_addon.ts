/** Loads the addon that fits the MPI of this process. */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

import { MPIUnavailableError, UsageError } from '../../errors.js';
import { packageVersion } from '../../package_files.js';
import { startDirectory } from '../../start_directory.js';
import type { Abi } from '../abi.js';
import type { Addon } from '../addon.js';
import { faultOf } from './addon_binary.js';
import { noAddon, otherLibrary, otherVersion, unusableAddon } from './addon_failure.js';
import { findAddons, type AddonFile } from './addon_files.js';
import {
  describeLibrary,
  implementationNames,
  implementations,
  isImplementation,
  type Implementation,
  type MpiLibrary,
} from '../implementation.js';
import { isPmiConnected, launcher, srunPlugin } from '../launcher.js';
import { setUcxVariables } from '../library_settings.js';

const require = createRequire(import.meta.url);

/** The addon of this process, and where it came from. */
export interface LoadedAddon {
  readonly addon: Addon;
  readonly file: string;
  readonly isPrebuilt: boolean;
  /** The MPI library that the addon is linked to. */
  readonly library: MpiLibrary;
}

const packages: Readonly<Record<Implementation, string>> = {
  openmpi: 'Debian, Ubuntu: apt-get install openmpi-bin; macOS: brew install open-mpi',
  mpich: 'Debian, Ubuntu: apt-get install mpich; macOS: brew install mpich',
};

/**
 * Loads the addon: `MPI_FUTURES_ADDON` if set, otherwise the first loadable one for `MPI_FUTURES_MPI`, for the
 * launcher's MPI, or for any MPI. An addon that was built on this machine is preferred to a prebuilt one.
 *
 * @throws {UsageError} for a wrong value of one of the variables
 * @throws {MPIUnavailableError} `ERR_ADDON_NOT_BUILT`, `ERR_ADDON_UNUSABLE`, `ERR_MPI_NOT_FOUND` or
 *   `ERR_MPI_LAUNCHER_MISMATCH`, saying what to do
 */
export function loadAddon(): LoadedAddon {
  const { MPI_FUTURES_ADDON: named } = process.env;
  if (named) return loadNamed(named);
  const wanted = wantedImplementation();
  return firstLoaded(wanted);
}

function loadNamed(named: string): LoadedAddon {
  const file = resolve(startDirectory, named);
  if (!existsSync(file)) {
    throw new UsageError(
      `Expected the path of an addon for MPI_FUTURES_ADDON but received '${named}'`,
    );
  }
  const loaded = loadFile(file);
  const { implementation } = loaded.library;
  const isOfLauncher =
    launcher.implementation === null ||
    implementation === null ||
    launcher.implementation === implementation;
  if (isOfLauncher) return loaded;
  throw launcherMismatch(implementation, launcher.implementation);
}

/** The MPI that the user has chosen, or that of the launcher; null if any will do. */
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

/** The error for an MPI library that is not the launcher's: each process would think it is alone. */
export function launcherMismatch(
  loaded: Implementation | null,
  ofLauncher: Implementation | null,
): MPIUnavailableError {
  const name = loaded === null ? 'This MPI' : implementationNames[loaded];
  if (srunPlugin !== undefined) {
    return new MPIUnavailableError(
      `${name} cannot be used in a process started by srun --mpi=${srunPlugin}, which does not support it. ` +
        `Use srun --mpi=${loaded === 'openmpi' ? 'pmix' : 'pmi2'}, or the mpiexec of ${name}.`,
      'ERR_MPI_LAUNCHER_MISMATCH',
    );
  }
  const isOther = ofLauncher !== null && ofLauncher !== loaded;
  const started = isOther
    ? `the mpiexec of ${implementationNames[ofLauncher]}`
    : 'a launcher that does not support it';
  const other = isOther ? ofLauncher : implementations.find((each) => each !== loaded);
  const { MPI_FUTURES_ADDON: named } = process.env;
  const instead = named ? 'unset MPI_FUTURES_ADDON' : `MPI_FUTURES_MPI=${other}`;
  return new MPIUnavailableError(
    `${name} cannot be used in a process started by ${started}. ` +
      `Use the mpiexec of ${name}, or ${instead}.`,
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

/**
 * @throws the failure of the first addon that was built here; if there are only prebuilt ones, that MPI is missing or
 *   why it cannot be used
 */
function firstLoaded(wanted: Implementation | null): LoadedAddon {
  const failures: MPIUnavailableError[] = [];
  let telling: MPIUnavailableError | undefined;
  for (const each of findAddons(wanted)) {
    try {
      return loadIfOf(wanted, each);
    } catch (error) {
      if (!(error instanceof MPIUnavailableError)) throw error;
      // If the MPI of this addon is not installed, another addon may serve. A broken addon is reported, because it
      // would be a surprise to run on another MPI.
      if (error.code === 'ERR_ADDON_UNUSABLE') throw error;
      failures.push(error);
      if (!each.isPrebuilt || error.code !== 'ERR_MPI_NOT_FOUND') telling ??= error;
    }
  }
  if (failures.length === 0) throw notBuilt(wanted);
  throw telling ?? notInstalled(wanted, failures);
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

/**
 * Loads an addon and checks the implementation of its library. This matters for the ABI of MPI 5, which any MPI may
 * have.
 */
function loadIfOf(wanted: Implementation | null, kind: AddonFile): LoadedAddon {
  const loaded = loadFile(kind.file, kind);
  const { implementation } = loaded.library;
  if (kind.abi !== 'standard' || wanted === null || implementation === wanted) return loaded;
  throw launcherMismatch(implementation, wanted);
}

function loadFile(file: string, kind?: AddonFile): LoadedAddon {
  const loaded = loadAnyFile(file, kind);
  if (loaded.library.implementation !== 'mpich' || isPmiConnected()) return loaded;
  throw new MPIUnavailableError(
    'This process cannot reach the mpiexec of MPICH that started it: npx, or another program in between, has not passed on ' +
      'the connection (PMI_FD). Name the command itself: mpiexec -n N node_modules/.bin/mpi-futures app.js. Child processes ' +
      'of a rank, such as those of jest, have none: use jest -i',
    'ERR_MPI_LAUNCHER_MISMATCH',
  );
}

function loadAnyFile(file: string, kind?: AddonFile): LoadedAddon {
  setUcxVariables();
  try {
    const addon = addonOf(file, kind?.fault);
    const library = describeLibrary(addon.libraryVersion());
    if (isOfAnother(library, addon.abi)) throw new Error(otherLibrary);
    return { addon, file, isPrebuilt: kind?.isPrebuilt === true, library };
  } catch (cause) {
    throw unusableAddon(file, cause, kind);
  }
}

function addonOf(file: string, known: string | undefined): Addon {
  const fault = known ?? faultOf(file);
  if (fault !== undefined) throw new Error(fault);
  const addon = require(file) as Partial<Addon>;
  if (addon.abi === undefined) throw new Error(noAddon);
  const version = packageVersion();
  if (addon.version !== version) throw new Error(otherVersion(addon.version, version));
  return addon as Addon;
}

/**
 * True if the library has another ABI than its name says: through a link, or because Open MPI 1.10 uses the file name
 * of MPICH's.
 */
function isOfAnother({ implementation }: MpiLibrary, abi: Abi): boolean {
  return abi !== 'standard' && implementation !== null && implementation !== abi;
}
