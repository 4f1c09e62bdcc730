/**
 * Ensures that all ranks of a program take part in starting MPI, because those that start it wait for the others. A
 * rank that has not used MPI starts it at its end. Under MPICH a rank that has failed does so, too, because mpiexec
 * would not notice its failure.
 */

import { isMainThread } from 'node:worker_threads';

import { endingIfLoaded, rememberUncaught } from '../addon/ending.js';
import { isStarted } from '../addon/mpi_process.js';
import { launcher } from '../addon/launcher.js';
import { startWithCommunicators } from './starting.js';

/** Milliseconds that a failed rank waits for the others to start MPI. */
const failureDeadline = 60_000;

/** To be called in programs that import communicators. */
export function takePartAtEnd(): void {
  if (!isMainThread || launcher.size < 2) return;
  rememberUncaught();
  process.once('beforeExit', (code) => {
    if (code === 0 && !isStarted()) startWithCommunicators().catch(() => undefined);
  });
  process.once('exit', (code) => {
    if (code === 0 || isStarted() || launcher.implementation !== 'mpich') return;
    startWithCommunicators().catch(() => undefined);
    endingIfLoaded()?.fail(code, failureDeadline);
  });
}
