/** What mpi-futures says about its own use. */

import { launcher } from '../mpi/launcher.js';

export const usage = `Usage:
  mpiexec -n N mpi-futures FILE [argument …]   run FILE on rank 0; the other ranks are its workers
  mpi-futures doctor [--json]                  say what works on this machine, and what to do about the rest
  mpi-futures build [--mpicc PATH]             compile the addon for the MPI of this machine
`;

/**
 * Says on stderr what is wrong, once for all ranks, and lets rank 0 end with status 1. The others end with 0: Open MPI's
 * mpiexec would end rank 0, maybe before it has spoken, as soon as another one ends with 1.
 */
export function usageError(message: string): void {
  if (launcher.rank !== 0) return;
  process.stderr.write(`mpi-futures: ${message}\n${usage}`);
  process.exitCode = 1;
}
