/**
 * Limits the start of MPI, in which the processes of a job wait for each other without a limit. They would wait for
 * ever if one never comes, or if one dies and mpiexec goes on (`--enable-recovery`).
 */

import { SpawnError } from '../errors.js';
import { startTimer } from '../futures/wait_limits.js';
import { print } from '../print.js';
import { launcher } from '../addon/launcher.js';
import { isInitialized } from '../addon/mpi_process.js';

/** Milliseconds after which rank 0 prints what it waits for. */
const patience = 10_000;

/**
 * @param limit - milliseconds until `giveUp` is called
 * @returns a function to call when all processes have started
 */
export function watchStart(limit: number, giveUp: (error: SpawnError) => void): () => void {
  const { rank, size } = launcher;
  const what = (): string =>
    `the ${size} processes of this job to have ${isInitialized() ? 'connected' : 'started MPI'}`;
  const cause = 'One may have died at its start, or be on a host that cannot be reached';
  const timers = [
    startTimer(limit, () => {
      giveUp(new SpawnError(`Expected ${what()} within ${limit} ms. ${cause}; MPI_FUTURES_BOOT_TIMEOUT is the limit`)); // prettier-ignore
    }),
  ];
  if (rank === 0 && limit > patience) {
    const wait = (): void => {
      // From there on lib/workers/static_workers.ts says what is waited for.
      if (!isInitialized()) print(process.stderr, `mpi-futures: waiting for ${what()}. ${cause}\n`);
    };
    timers.push(startTimer(patience, wait));
  }
  return () => {
    for (const timer of timers) clearTimeout(timer);
  };
}
