/** Chooses the mpiexec of the MPI that this package is used with. */

import { MPIUnavailableError } from '../errors.js';
import { findAddons } from '../addon/loading/addon_files.js';
import {
  implementationNames,
  implementations,
  type Implementation,
} from '../addon/implementation.js';
import { loadAddon } from '../addon/loading/load_addon.js';
import { findMpiexecs, packages } from './find_mpiexecs.js';

/** A command that starts ranks of an MPI that this package has an addon for. */
export interface Mpiexec {
  readonly path: string;
  readonly implementation: Implementation;
  /** Empty if mpiexec does not report it. */
  readonly version: string;
}

/** Milliseconds for each mpiexec to print its version. */
const deadline = 10_000;

/**
 * The mpiexec of the MPI that MPI_FUTURES_MPI or MPI_FUTURES_ADDON names; otherwise of the first MPI that has an addon
 * built here or in the package, Open MPI before MPICH. If an MPI has several, the first on PATH is chosen.
 *
 * @throws {UsageError | MPIUnavailableError} where there is none, saying what to do
 */
export async function chooseMpiexec(): Promise<Mpiexec> {
  const wanted = wantedImplementations();
  const found = await findMpiexecs(deadline);
  for (const implementation of wanted) {
    const first = found.find((mpiexec) => mpiexec.implementation === implementation);
    const path = first?.paths[0];
    if (path !== undefined) return { path, implementation, version: first!.version };
  }
  const names = wanted.map((implementation) => implementationNames[implementation]).join(' or ');
  const advice = wanted
    .map((implementation) => `apt-get install ${packages[implementation]}`)
    .join(', or ');
  throw new MPIUnavailableError(
    `Expected an mpiexec of ${names} on PATH, since there is an addon for it, but found none. ` +
      `Add its directory to PATH, or install it (Debian, Ubuntu: ${advice})`,
    'ERR_MPI_NOT_FOUND',
  );
}

/**
 * The MPIs that have an addon, in order. An addon built here was built for the MPI that is to be used; prebuilt ones
 * exist for all.
 */
function wantedImplementations(): readonly Implementation[] {
  const { MPI_FUTURES_ADDON, MPI_FUTURES_MPI } = process.env;
  const served = implementations.flatMap((implementation) => {
    const [first] = findAddons(implementation); // those that were built here come first
    return first === undefined ? [] : [{ implementation, isPrebuilt: first.isPrebuilt }];
  });
  const inOrder = served
    .toSorted((a, b) => Number(a.isPrebuilt) - Number(b.isPrebuilt))
    .map(({ implementation }) => implementation);
  const chosen = MPI_FUTURES_MPI ? inOrder.filter((each) => each === MPI_FUTURES_MPI) : inOrder;
  if (!MPI_FUTURES_ADDON && chosen.length > 0) return chosen;
  // Only the addon itself knows the MPI of an MPI_FUTURES_ADDON. Loading it also reports a wrong choice.
  const { implementation } = loadAddon().library;
  return implementation === null ? implementations : [implementation];
}
