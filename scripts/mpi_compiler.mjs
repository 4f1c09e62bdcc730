import { FLAVORS } from './mpi_environment.mjs';
import { capture, findProgram } from './programs.mjs';

/** @typedef {import('./mpi_environment.mjs').Flavor} Flavor */

/**
 * The C compiler wrapper of one MPI, if it can compile: a wrapper may be installed without the
 * headers.
 * @param {Flavor} flavor
 * @returns {string | undefined}
 */
export function findMpicc(flavor) {
  return [`mpicc.${flavor}`, 'mpicc']
    .map(findProgram)
    .find((mpicc) => mpicc !== undefined && flavorOf(mpicc) === flavor);
}

/**
 * Which MPI a wrapper compiles for, by what its mpi.h defines. MPICH's descendants define
 * MPICH_VERSION too.
 * @param {string} mpicc
 * @returns {Flavor | undefined} undefined where it cannot compile
 */
export function flavorOf(mpicc) {
  const marks = { openmpi: /^#define OPEN_MPI /m, mpich: /^#define MPICH_VERSION /m };
  const macros = capture(mpicc, ['-E', '-dM', '-include', 'mpi.h', '-x', 'c', '/dev/null']);
  return macros.ok ? FLAVORS.find((flavor) => marks[flavor].test(macros.output)) : undefined;
}
