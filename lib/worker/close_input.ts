import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

/**
 * Gives this process an empty stdin, before other threads open files. MPICH's mpiexec, and the daemon that starts the
 * workers of a program without launcher, give workers a pipe that is never written to and never closed.
 */
export function closeInput(): void {
  try {
    closeSync(0);
    openSync(devNull, 'r'); // takes the lowest number that is free
  } catch {
    // There was none.
  }
}
