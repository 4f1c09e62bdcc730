/** The number of workers that a pool spawns if the program does not set it. */

import type { MpiProcess } from '../addon/mpi_process.js';

/** MPI's universe size minus the number of running processes; at least 1. */
export function defaultWorkerCount(mpi: Pick<MpiProcess, 'universeSize' | 'world'>): number {
  return Math.max(universeSizeOf(mpi) - mpi.world.size, 1);
}

/**
 * The universe size that MPI knows, else that of MPIEXEC_UNIVERSE_SIZE, else 0. MPICH's manuals name that variable, but
 * its present mpiexec (hydra) does not read it.
 */
export function universeSizeOf(
  { universeSize }: Pick<MpiProcess, 'universeSize'>,
  { MPIEXEC_UNIVERSE_SIZE: word = '' }: NodeJS.ProcessEnv = process.env,
): number {
  if (universeSize > 0) return universeSize;
  return /^\d+$/.test(word) ? Number(word) : 0;
}
