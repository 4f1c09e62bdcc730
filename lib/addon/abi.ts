/**
 * The binary interfaces that an addon is compiled for: handles, constants and the status differ between them. Which file fits a
 * library is decided by this alone; what the library then does is up to its implementation.
 */

import type { Implementation } from './implementation.js';

/**
 * `openmpi`: of Open MPI 4, 5 and 6 (`libmpi.so.40`). `mpich`: of MPICH and its descendants (`libmpi.so.12`, as Debian
 * packages it `libmpich.so.12`; https://www.mpich.org/abi/). `standard`: of MPI 5 (`libmpi_abi.so.1`), whoever made it.
 */
export type Abi = 'openmpi' | 'mpich' | 'standard';

/** Those an implementation may have, the preferred one first; null: any implementation. */
export function abisOf(implementation: Implementation | null): readonly Abi[] {
  return implementation === null ? ['openmpi', 'mpich', 'standard'] : [implementation, 'standard'];
}

/** The name of the addon's file, without `.node`. */
export const addonNames: Readonly<Record<Abi, string>> = {
  openmpi: 'openmpi',
  mpich: 'mpich',
  standard: 'mpi_abi',
};

/** How they are called in messages. */
export const abiNames: Readonly<Record<Abi, string>> = {
  openmpi: 'Open MPI',
  mpich: 'MPICH',
  standard: 'the ABI of MPI 5',
};
