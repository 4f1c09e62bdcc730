/**
 * The binary interfaces (ABIs) that an addon is compiled for: handles, constants and the layout of MPI_Status differ
 * between them. The ABI alone decides which addon fits a library; what the library then does depends on its
 * implementation.
 */

import type { Implementation } from './implementation.js';

/**
 * `openmpi`: of Open MPI 4, 5 and 6 (`libmpi.so.40`). `mpich`: of MPICH and its descendants (`libmpi.so.12`, as Debian
 * packages it `libmpich.so.12`; https://www.mpich.org/abi/). `standard`: of MPI 5 (`libmpi_abi.so.1`), whoever made it.
 */
export type Abi = 'openmpi' | 'mpich' | 'standard';

/** The ABIs that an implementation may have, the preferred one first. `null` stands for any implementation. */
export function abisOf(implementation: Implementation | null): readonly Abi[] {
  return implementation === null ? ['openmpi', 'mpich', 'standard'] : [implementation, 'standard'];
}

/** The name of the addon's file, without `.node`. */
export const addonNames: Readonly<Record<Abi, string>> = {
  openmpi: 'openmpi',
  mpich: 'mpich',
  standard: 'mpi_abi',
};

/** The names of the ABIs in messages. */
export const abiNames: Readonly<Record<Abi, string>> = {
  openmpi: 'Open MPI',
  mpich: 'MPICH',
  standard: 'the ABI of MPI 5',
};
