/**
 * That only one process of a rank starts MPI. The processes below a rank, and those that a shell runs for it one after another,
 * inherit what its launcher has told it and take themselves for that rank. MPI ends whoever is the second by pages of text, in
 * MPI_Init.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { MPIUnavailableError } from '../errors.js';
import type { Addon } from './addon.js';
import type { Implementation } from './implementation.js';

/**
 * This process is about to start MPI.
 *
 * @throws {MPIUnavailableError} if another process of this rank was there before
 */
export function beFirstOfRank(addon: Addon, implementation: Implementation | null): void {
  if (implementation === 'openmpi') leaveId();
  else if (implementation === 'mpich') takeSocket(addon);
}

/** Leaves the id of this process in the folder of the job, which Open MPI's mpiexec removes at the end. */
function leaveId(): void {
  const { PMIX_SERVER_TMPDIR: folder, PMIX_NAMESPACE: job, PMIX_RANK: rank } = process.env;
  // Of ORTE, as mpiexec sets it. Different for each mpiexec: the folder of one that was killed may be there again.
  const { OMPI_COMM_WORLD_RANK, OMPI_MCA_orte_precondition_transports: run } = process.env;
  if (!folder || !job || !rank || !run || OMPI_COMM_WORLD_RANK === undefined) return;
  const file = join(folder, `mpi-futures.${run}.${job}.${rank}`);
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return; // there is no such folder here: nobody knows
    const first = readFileSync(file, 'utf8');
    if (first !== String(process.pid))
      throw isSecond(OMPI_COMM_WORLD_RANK, first, 'OMPI_*, PMIX_*');
  }
}

/** MPICH's mpiexec talks with each rank over one socket. */
function takeSocket(addon: Addon): void {
  const first = addon.takeSocket();
  const { PMI_RANK = '0' } = process.env;
  if (first !== 0) throw isSecond(PMI_RANK, first > 0 ? String(first) : '', 'PMI_*');
}

function isSecond(rank: string, first: string, variables: string): MPIUnavailableError {
  return new MPIUnavailableError(
    `MPI was started by another process of rank ${rank}${first && ` (process ${first})`}. ` +
      'A process started by mpiexec, and its child processes, can do so once. Run this one without mpiexec, or remove the ' +
      `launcher's variables (${variables}) from its environment. Under jest use -i, or no mpiexec`,
    'ERR_MPI_STARTED_ELSEWHERE',
  );
}
