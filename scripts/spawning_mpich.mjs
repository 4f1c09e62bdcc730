// Debian's MPICH cannot spawn, because its device, ch4:ucx, has no dynamic processes. Device ch3 has
// them. If scripts/build_spawning_mpich.mjs has built such an MPICH, set-up builds an addon for it,
// and the tests also run their spawned layouts on it.

import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { root } from './paths.mjs';

/** Outside of the repository: it outlives clones, and serves them all. */
const cache = path.join(
  process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'),
  'mpi-futures',
);

/** Where it is installed, or will be. */
export const spawningMpich = {
  prefix: path.join(cache, 'mpich-ch3'),
  mpicc: path.join(cache, 'mpich-ch3', 'bin', 'mpicc'),
  mpiexec: path.join(cache, 'mpich-ch3', 'bin', 'mpiexec'),
  /** Where its addon is built: beside those of the other MPIs, where the loader does not look by itself. */
  addonDirectory: path.join(root, 'build', 'mpich-ch3'),
  /** To be named by MPI_FUTURES_ADDON. */
  addon: path.join(root, 'build', 'mpich-ch3', 'mpich.node'),
};

/** True if that MPICH has been built; it is put into place in one step. */
export function isSpawningMpichThere() {
  return existsSync(spawningMpich.mpicc) && existsSync(spawningMpich.mpiexec);
}

/** True if programs can be run with it from here: set-up has built its addon. */
export function isSpawningMpichRunnable() {
  return isSpawningMpichThere() && existsSync(spawningMpich.addon);
}
