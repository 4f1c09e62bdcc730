/**
 * That only one process of a rank starts MPI. The child processes of a rank inherit what its launcher has told it, take
 * themselves for that rank, and Open MPI 4 ends whoever is the second to start MPI by pages of text, in MPI_Init.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { MPIUnavailableError } from '../errors.js';

const advice =
  'A process started by mpiexec, and its child processes, can do so once. Run this one without mpiexec, or remove the ' +
  "launcher's variables (OMPI_*, PMIX_*) from its environment. Under jest use -i, or no mpiexec";

/**
 * This process is about to start MPI: it leaves its id in the folder of the job, which mpiexec removes at the end.
 *
 * @throws {MPIUnavailableError} if another process of this rank was there before
 */
export function beFirstOfRank(environment: NodeJS.ProcessEnv = process.env): void {
  const { PMIX_SERVER_TMPDIR: folder, PMIX_NAMESPACE: job, PMIX_RANK: rank } = environment;
  // Of ORTE, as mpiexec sets it. Different for each mpiexec: the folder of one that was killed may be there again.
  const { OMPI_COMM_WORLD_RANK, OMPI_MCA_orte_precondition_transports: run } = environment;
  if (!folder || !job || !rank || !run || OMPI_COMM_WORLD_RANK === undefined) return;
  const file = join(folder, `mpi-futures.${run}.${job}.${rank}`);
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return; // there is no such folder here: nobody knows
    const first = readFileSync(file, 'utf8');
    if (first === String(process.pid)) return;
    throw new MPIUnavailableError(
      `MPI was started by another process of rank ${OMPI_COMM_WORLD_RANK}${first && ` (process ${first})`}. ${advice}`,
      'ERR_MPI_STARTED_ELSEWHERE',
    );
  }
}
