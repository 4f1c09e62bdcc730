import { MPI_NAMES } from './mpi_environment.mjs';
import { capture, findProgram } from './programs.mjs';

/** @typedef {import('./mpi_environment.mjs').Implementation} Implementation */
/** @typedef {Implementation | 'standard'} Abi */

/** Each has an addon of its own (lib/addon/abi.ts). @type {readonly Abi[]} */
export const ABIS = ['standard', 'openmpi', 'mpich'];

/** The names of their files, without `.node`. @type {Record<Abi, string>} */
export const ADDON_NAMES = { standard: 'mpi_abi', openmpi: 'openmpi', mpich: 'mpich' };

/** The file of the addon that has nothing of MPI. */
export const SANDBOX_ADDON = 'sandbox.node';

/** @type {Record<Abi, string>} */
export const ABI_NAMES = { ...MPI_NAMES, standard: 'the ABI of MPI 5' };

/**
 * The C compiler wrapper of one MPI, if it can compile: a wrapper may be installed without the
 * headers.
 * @param {Implementation} implementation
 * @returns {string | undefined}
 */
export function findMpicc(implementation) {
  return [`mpicc.${implementation}`, 'mpicc']
    .map(findProgram)
    .find((mpicc) => mpicc !== undefined && abiOf(mpicc) === implementation);
}

/**
 * The binary interface a wrapper compiles for, by what its mpi.h defines. MPICH's descendants define MPICH_VERSION, too; Open
 * MPI 6 defines MPI_ABI_VERSION as -1 where it is not the standard's.
 * @param {string} mpicc
 * @returns {Abi | undefined} undefined where it cannot compile
 */
export function abiOf(mpicc) {
  const macros = capture(mpicc, ['-E', '-dM', '-include', 'mpi.h', '-x', 'c', '/dev/null']);
  return macros.ok ? ABIS.find((abi) => marks[abi].test(macros.output)) : undefined;
}

/** @type {Record<Abi, RegExp>} */
const marks = {
  standard: /^#define MPI_ABI_VERSION +[1-9]/m,
  openmpi: /^#define OPEN_MPI /m,
  mpich: /^#define MPICH_VERSION /m,
};
