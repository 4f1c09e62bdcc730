/** Warns of an MPI that lets only one thread of a process use it. */

import type { MpiProcess } from '../addon/mpi_process.js';
import { warnOnce } from '../warn_once.js';
import { isWorker } from '../process/program_or_worker.js';

const names = ['MPI_THREAD_SINGLE', 'MPI_THREAD_FUNNELED', 'MPI_THREAD_SERIALIZED'];
const serialized = 2;

/** Warns once, in the program and not in its workers, if MPI gives less than MPI_THREAD_SERIALIZED. */
export function warnOfThreadLevel({ threadLevel }: MpiProcess): void {
  if (threadLevel >= serialized || isWorker()) return;
  const asked = process.env.MPI_FUTURES_THREAD_LEVEL;
  const advice = asked
    ? `unset MPI_FUTURES_THREAD_LEVEL, which asks for '${asked}', or set it to serialized or multiple`
    : 'use an MPI that was built with support for threads';
  warnOnce(
    `The level of thread support in MPI should be at least ${names[serialized]} but is ${names[threadLevel]}: ` +
      `all MPI calls are made by one thread, and messages are slower. To change that, ${advice}.`,
    { type: 'MPIThreadLevelWarning', code: 'MPI_FUTURES_THREAD_LEVEL' },
  );
}
