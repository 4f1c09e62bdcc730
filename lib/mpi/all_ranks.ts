/**
 * All ranks of a program take part in starting MPI, and those that do wait for the others. So one that never came to use
 * it starts it at its end; and under MPICH also one that has failed: its mpiexec would not notice.
 */

import { isMainThread } from 'node:worker_threads';

import { endingIfLoaded, rememberUncaught } from '../addon/ending.js';
import { isStarted } from '../addon/mpi_process.js';
import { launcher } from '../addon/launcher.js';
import { startWithCommunicators } from './starting.js';

/** Milliseconds for the others to come to MPI, too. */
const failureDeadline = 60_000;

/** For programs that import communicators. */
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
