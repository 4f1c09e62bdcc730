/**
 * That only one process of a rank starts MPI. The processes below a rank, and those that a shell runs for it one after another,
 * inherit what its launcher has told it and take themselves for that rank. MPICH and Open MPI 4 end whoever is the second, even when
 * the first has ended, by pages of text in MPI_Init. Open MPI 5 and later serve it when the first has ended; beside the first each of
 * the two may wait for the other ranks, or for workers of the other's, for ever.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { MPIUnavailableError } from '../errors.js';
import type { Addon } from './addon.js';
import type { MpiLibrary } from './implementation.js';

/**
 * This process is about to start MPI.
 *
 * @throws {MPIUnavailableError} if another process of this rank was there before, or, in Open MPI 5 and later, still is
 */
export function beFirstOfRank(
  addon: Pick<Addon, 'lockFile' | 'takeSocket'>,
  { implementation, major }: MpiLibrary,
): void {
  if (implementation === 'mpich') takeSocket(addon);
  if (implementation !== 'openmpi') return;
  const file = fileOfRank();
  if (file === undefined) return;
  const first = major < 5 ? leaveId(file) : addon.lockFile(file);
  const { OMPI_COMM_WORLD_RANK = '0' } = process.env;
  if (first !== 0) throw isSecond(OMPI_COMM_WORLD_RANK, first, 'OMPI_*, PMIX_*');
}

/**
 * A file for this rank of this job alone, in the folder of the job, which Open MPI's mpiexec removes at the end. undefined where
 * another launcher has started this process, or none.
 */
export function fileOfRank(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const { PMIX_SERVER_TMPDIR: folder, PMIX_NAMESPACE: job, PMIX_RANK: rank } = environment;
  if (!folder || !job || !rank || environment.OMPI_COMM_WORLD_RANK === undefined) return undefined;
  const run = runOf(environment);
  return run && join(folder, `mpi-futures.${run}.${job}.${rank}`);
}

/**
 * Different for each mpiexec: the folder of one that was killed may be there again, and one in another container may share it, with the
 * job's name. ORTE has a number for each; PRRTE has the port on which it listens.
 */
function runOf(environment: NodeJS.ProcessEnv): string | undefined {
  const { OMPI_MCA_orte_precondition_transports: number } = environment;
  if (number) return number;
  // One for each of the versions in which PMIx is spoken, all with one value.
  const server = Object.keys(environment).find((name) => name.startsWith('PMIX_SERVER_URI'));
  return server && environment[server]?.split(':').at(-1);
}

/** The id of the process that has left its own there before; 0: this process has. */
function leaveId(file: string): number {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return 0; // there is no such folder here: nobody knows
    const first = Number(readFileSync(file, 'utf8')) || -1;
    return first === process.pid ? 0 : first;
  }
}

/** MPICH's mpiexec talks with each rank over one socket. */
function takeSocket(addon: Pick<Addon, 'takeSocket'>): void {
  const first = addon.takeSocket();
  const { PMI_RANK = '0' } = process.env;
  if (first !== 0) throw isSecond(PMI_RANK, first, 'PMI_*');
}

/** @param first - the id of its process; −1: not known */
function isSecond(rank: string, first: number, variables: string): MPIUnavailableError {
  return new MPIUnavailableError(
    `MPI was started by another process of rank ${rank}${first > 0 ? ` (process ${first})` : ''}. ` +
      'A process started by mpiexec, and its child processes, can do so once. Run this one without mpiexec, or remove the ' +
      `launcher's variables (${variables}) from its environment. Under jest use -i, or no mpiexec`,
    'ERR_MPI_STARTED_ELSEWHERE',
  );
}
