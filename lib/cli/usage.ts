/** What mpi-futures says about its own use. */

import { launcher } from '../mpi/launcher.js';

export const usage = `Usage:
  mpiexec -n N mpi-futures PROGRAM [argument …]   run PROGRAM on rank 0; the other ranks are its workers
  mpi-futures -n N [option of mpiexec …] PROGRAM [argument …]
                                                  the same, finding and starting mpiexec
  mpi-futures doctor [--json]                     say what works on this machine, and what to do about the rest
  mpi-futures build [--mpicc PATH]                compile the addon for the MPI of this machine
  mpi-futures -h | --help | --version

PROGRAM is one of
  FILE          .js, .mjs, .cjs; .ts where Node.js runs it
  DIRECTORY     with a package.json that has "main", or with index.js, .mjs, .cjs or .ts
  ARCHIVE       .zip, or .tgz as npm pack writes it, of such a directory
  -m MODULE     a package or a path, looked for from the working directory
  -c CODE       the text of a program, an ES module or CommonJS
  -             the same, on standard input
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
