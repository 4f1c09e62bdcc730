/** The libraries with the ABI of MPI 5 in a root: all have one name, so each gets a folder of its own. */

import { MPIS } from './results.mjs';
import { projectInRoot } from './root.mjs';

const folder = `${projectInRoot}/build/mpi5`;

/** `link MPI FOLDER`. The names of the libraries are Debian's. */
const link =
  'mkdir -p "$2/$1" && ln -sf /usr/lib/*/libmpi_abi_"$1".so.1.* "$2/$1/libmpi_abi.so.1" && [ -e "$2/$1/libmpi_abi.so.1" ]';

/**
 * @param {import('./root.mjs').Root} root
 * @returns {Promise<string | undefined>} a folder in it, with one for each MPI; undefined where an MPI has none
 */
export async function mpi5Libraries(root) {
  for (const mpi of MPIS) {
    const { status } = await root.run(['sh', '-c', link, 'sh', mpi, folder]);
    if (status !== 0) return undefined;
  }
  return folder;
}
