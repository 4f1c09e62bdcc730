/** Starts MPI in a program that uses communicators, and aborts all its processes. */

import { endingIfLoaded } from '../addon/ending.js';
import { startMpi, type MpiProcess } from '../addon/mpi_process.js';
import { validateInteger } from './arguments.js';

/** @param threadLevel - the level to ask for, if this is the first call */
export async function startWithCommunicators(threadLevel?: number): Promise<MpiProcess> {
  const starting = startMpi(threadLevel);
  endingIfLoaded()?.communicates(); // also where the program ends before it has started
  return starting;
}

// Milliseconds for the launcher to end this process.
const abortDeadline = 2000;

/** Ends all processes of the program at once, with `code`, 0 to 255. */
export function abort(code = 1): never {
  validateInteger(code, 'code', 0, 255, 'an integer from 0 to 255');
  const ending = endingIfLoaded();
  if (ending === undefined) process.exit(code);
  return ending.fail(code, abortDeadline);
}
