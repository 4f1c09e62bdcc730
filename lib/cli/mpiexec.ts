/** The launcher that belongs to the MPI this package is used with. */

import { MPIUnavailableError } from '../errors.js';
import { builtAddon, loadAddon } from '../mpi/addon.js';
import { flavorNames, flavors, type Flavor } from '../mpi/launcher.js';
import { findMpiexecs, packages } from './mpiexecs.js';

export interface Mpiexec {
  readonly path: string;
  readonly flavor: Flavor;
}

/** Milliseconds for each mpiexec to say whose it is. */
const deadline = 10_000;

/**
 * The mpiexec of the MPI that MPI_FUTURES_MPI or MPI_FUTURES_ADDON chooses; else of the first that an addon was built for,
 * Open MPI before MPICH. Of several that are of one MPI it is the first on PATH.
 *
 * @throws {UsageError | MPIUnavailableError} where there is none, saying what to do
 */
export async function chooseMpiexec(): Promise<Mpiexec> {
  const wanted = wantedFlavors();
  const found = await findMpiexecs(deadline);
  for (const flavor of wanted) {
    const path = found.find((mpiexec) => mpiexec.flavor === flavor)?.paths[0];
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
  const built = flavors.filter((flavor) => builtAddon(flavor) !== undefined);
  const chosen = MPI_FUTURES_MPI ? built.filter((flavor) => flavor === MPI_FUTURES_MPI) : built;
  // Only the addon knows what an MPI_FUTURES_ADDON is for; and whoever asks for it hears what is wrong with a choice.
  return MPI_FUTURES_ADDON || chosen.length === 0 ? [loadAddon().flavor] : chosen;
}
