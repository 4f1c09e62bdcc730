/** The help pages of mpi-futures, and its usage errors. */

import { UsageError } from '../errors.js';
import { launcher } from '../addon/launcher.js';

const usage = `Usage:
  mpiexec -n N mpi-futures PROGRAM [argument …]   run PROGRAM on rank 0; the other ranks are its workers
  mpi-futures -n N [option of mpiexec …] PROGRAM [argument …]
                                                  find and start mpiexec, then do the same
  mpi-futures … --isolate PROGRAM …               the same, but workers live on when a task's process dies (docs/guide/isolation.md)
  mpi-futures … --progress --trace FILE PROGRAM …  show how far each map has come; write what each worker did, and when
  mpi-futures report FILE [--out PAGE]            make a page from such a file (docs/guide/tracing.md)
  mpi-futures doctor [option …]                   show what works on this machine, and how to mend the rest
  mpi-futures build [option …]                    compile the addon for the MPIs of this machine
  mpi-futures [doctor | build | report] --help             show the options
  mpi-futures --version

PROGRAM is one of
  FILE          .js, .mjs, .cjs; .ts where Node.js runs it
  DIRECTORY     with a package.json that has "main", or with index.js, .mjs, .cjs or .ts
  ARCHIVE       .zip, or .tgz as npm pack writes it, of such a directory
  -m MODULE     a package or a path, looked for from the working directory
  -c CODE       the text of a program, an ES module or CommonJS
  -             the same, on standard input
`;

const usageOfDoctor = `Usage:
  mpi-futures doctor [--json] [--timeout SECONDS]   try every way to start a program on this machine
  mpiexec -n N mpi-futures doctor                   try MPI on the ranks of this job

  --json              one document for programs, on stdout (docs/guide/doctor.md)
  --timeout SECONDS   the limit for each way (default: 30); one that takes longer is ended

Exit status 0: a pool of MPI processes works in at least one way; 1: in none.
`;

const usageOfBuild = `Usage:
  mpi-futures build [--mpicc PATH] [--out DIRECTORY]   compile the addon for every MPI here that has headers

  --mpicc PATH      only for the MPI of this compiler wrapper
  --out DIRECTORY   where the addon goes: programs load it by MPI_FUTURES_ADDON=DIRECTORY/openmpi.node (or mpich.node);
                    default: the package or, if that is not writable, your cache; both are searched

Needs a C++17 compiler, make or Ninja, CMake, and an MPI with its C headers; explains how to install what is missing.
`;

const usageOfReport = `Usage:
  mpi-futures report FILE [--out PAGE]   make an HTML page from a trace: a picture, numbers, and what to do

  FILE         written by MPI_FUTURES_TRACE, mpi-futures --trace or pool.trace() (docs/guide/tracing.md)
  --out PAGE   default: FILE with .html
`;

/** The page of help: for `mpi-futures` itself, or for one of its subcommands. */
export type HelpTopic = 'mpi-futures' | 'build' | 'doctor' | 'report';

/** The text of each `--help`. */
export const pages: Readonly<Record<HelpTopic, string>> = {
  'mpi-futures': usage,
  doctor: usageOfDoctor,
  build: usageOfBuild,
  report: usageOfReport,
};

/** A command line with a wrong word: a page of help has the right ones. */
export class CommandLineError extends UsageError {
  readonly topic: HelpTopic;

  constructor(message: string, topic: HelpTopic = 'mpi-futures') {
    super(message);
    this.topic = topic;
  }
}

/**
 * Prints on stderr what is wrong, once for all ranks, and lets rank 0 end with status 1. The others end with 0: if
 * another rank ends with 1, Open MPI's mpiexec ends rank 0 at once, perhaps before it has printed anything.
 */
export function usageError(error: UsageError): void {
  if (launcher.rank !== 0) return;
  process.stderr.write(`mpi-futures: ${error.message}\n${whereHelpIs(error)}`);
  process.exitCode = 1;
}

function whereHelpIs(error: UsageError): string {
  if (!(error instanceof CommandLineError)) return '';
  const { topic } = error;
  return `See ${topic === 'mpi-futures' ? topic : `mpi-futures ${topic}`} --help\n`;
}
