/** The libraries with the ABI of MPI 5 in a root: all have one name, so each gets a folder of its own. */

import { MPIS } from './results.mjs';
import { projectInRoot } from './root.mjs';

/** `link MPI FOLDER`. The names of the libraries are Debian's. */
const link =
  'mkdir -p "$2/$1" && ln -sf /usr/lib/*/libmpi_abi_"$1".so.1.* "$2/$1/libmpi_abi.so.1" && [ -e "$2/$1/libmpi_abi.so.1" ]';

/**
 * @param {import('./root.mjs').Root} root
 * @param {string} [folder]
 * @returns {Promise<string | undefined>} that folder in it, with one for each MPI; undefined where an MPI has none
 */
export async function mpi5Libraries(root, folder = `${projectInRoot}/build/mpi5`) {
  for (const mpi of MPIS) {
    const { status } = await root.run(['sh', '-c', link, 'sh', mpi, folder], { directory: '/' });
    if (status !== 0) return undefined;
  }
  return folder;
}
