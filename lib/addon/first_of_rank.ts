/**
 * Ensures that only one process of a rank starts MPI at a time. Child processes of a rank, and processes that a shell runs
 * for it one after another, inherit the variables of the launcher and take themselves for that rank. MPICH and Open MPI 4
 * end the second one in MPI_Init, even if the first has ended, with pages of text. Open MPI 5 and later serve it if the
 * first has ended; while the first lives, each of the two may wait for ever for the other ranks, or for workers of the other.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { MPIUnavailableError } from '../errors.js';
import type { Addon } from './addon.js';
import type { MpiLibrary } from './implementation.js';

/**
 * Claims the rank for this process, which is about to start MPI.
 *
 * @throws {MPIUnavailableError} if another process of this rank has done so before, or, in Open MPI 5 and later, still lives
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
 * A file for this rank of this job alone, in the folder of the job, which Open MPI's mpiexec removes at the end. Undefined if
 * another launcher has started this process, or none has.
 */
export function fileOfRank(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const { PMIX_SERVER_TMPDIR: folder, PMIX_NAMESPACE: job, PMIX_RANK: rank } = environment;
  if (!folder || !job || !rank || environment.OMPI_COMM_WORLD_RANK === undefined) return undefined;
  const run = runOf(environment);
  return run && join(folder, `mpi-futures.${run}.${job}.${rank}`);
}

/**
 * A name that differs for each mpiexec: the folder of one that was killed may be used again, and an mpiexec in another container may
 * share the folder and the job's name. ORTE has a number for each; PRRTE has the port on which it listens.
 */
function runOf(environment: NodeJS.ProcessEnv): string | undefined {
  const { OMPI_MCA_orte_precondition_transports: number } = environment;
  if (number) return number;
  // One for each of the versions in which PMIx is spoken, all with one value.
  const server = Object.keys(environment).find((name) => name.startsWith('PMIX_SERVER_URI'));
  return server && environment[server]?.split(':').at(-1);
}

/** Leaves the id of this process in `file`. Returns the id of the process that has done so before, or 0. */
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

/** Claims the one socket by which MPICH's mpiexec talks with each rank. */
function takeSocket(addon: Pick<Addon, 'takeSocket'>): void {
  const first = addon.takeSocket();
  const { PMI_RANK = '0' } = process.env;
  if (first !== 0) throw isSecond(PMI_RANK, first, 'PMI_*');
}

/** @param first - the id of the first process; −1 if unknown */
function isSecond(rank: string, first: number, variables: string): MPIUnavailableError {
  return new MPIUnavailableError(
    `MPI was started by another process of rank ${rank}${first > 0 ? ` (process ${first})` : ''}. ` +
      'A process started by mpiexec, and its child processes, can do so once. Run this one without mpiexec, or remove the ' +
      `launcher's variables (${variables}) from its environment. Under jest use -i, or no mpiexec`,
    'ERR_MPI_STARTED_ELSEWHERE',
  );
}
