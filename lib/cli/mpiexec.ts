/** The launcher that belongs to the MPI this package is used with. */

import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

import { MPIUnavailableError } from '../errors.js';
import { loadAddon, variantFile } from '../mpi/addon.js';
import { flavorNames, flavors, type Flavor } from '../mpi/launcher.js';

export interface Mpiexec {
  readonly path: string;
  readonly flavor: Flavor;
}

/** How a launcher that is only called mpiexec says whose it is. */
const signature: Readonly<Record<Flavor, RegExp>> = {
  openmpi: /Open MPI|OpenRTE|PRRTE/i,
  mpich: /HYDRA|Intel\(R\) MPI/,
};

const packages: Readonly<Record<Flavor, string>> = { openmpi: 'openmpi-bin', mpich: 'mpich' };

/**
 * The mpiexec of the MPI that MPI_FUTURES_MPI or MPI_FUTURES_ADDON chooses; else of the first that an addon was built for,
 * Open MPI before MPICH.
 *
 * @throws {UsageError | MPIUnavailableError} where there is none, saying what to do
 */
export function chooseMpiexec(): Mpiexec {
  const wanted = wantedFlavors();
  for (const flavor of wanted) {
    const path = findMpiexec(flavor);
    if (path !== undefined) return { path, flavor };
  }
  const names = wanted.map((flavor) => flavorNames[flavor]).join(' or ');
  const advice = wanted.map((flavor) => `apt-get install ${packages[flavor]}`).join(', or ');
  throw new MPIUnavailableError(
    `There is no mpiexec of ${names} on PATH, for which the addon was built. ` +
      `Add its directory to PATH, or install it (Debian, Ubuntu: ${advice})`,
    'ERR_MPI_NOT_FOUND',
  );
}

function wantedFlavors(): readonly Flavor[] {
  const { MPI_FUTURES_ADDON, MPI_FUTURES_MPI } = process.env;
  const built = flavors.filter((flavor) => existsSync(variantFile(flavor)));
  const chosen = MPI_FUTURES_MPI ? built.filter((flavor) => flavor === MPI_FUTURES_MPI) : built;
  // Only the addon knows what an MPI_FUTURES_ADDON is for; and whoever asks for it hears what is wrong with a choice.
  return MPI_FUTURES_ADDON || chosen.length === 0 ? [loadAddon().flavor] : chosen;
}

/** Under its own name, as Debian has it, or as plain `mpiexec` if that is of this MPI. */
export function findMpiexec(flavor: Flavor): string | undefined {
  const own = findExecutable(`mpiexec.${flavor}`);
  if (own !== undefined) return own;
  const plain = findExecutable('mpiexec');
  return plain !== undefined && signature[flavor].test(versionOf(plain)) ? plain : undefined;
}

function versionOf(mpiexec: string): string {
  try {
    return execFileSync(mpiexec, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return '';
  }
}

function findExecutable(name: string): string | undefined {
  const directories = (process.env.PATH ?? '').split(delimiter);
  return directories.map((directory) => resolve(directory, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
