/** What `mpi-futures -n N` tells the ranks that its mpiexec starts. */

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

import { UsageError } from '../errors.js';
import { addonOfMpi } from '../addon/mpi_process.js';

/** `<pid>@<host>` of the process that has started mpiexec. */
export const starterVariable = 'MPI_FUTURES_STARTER';
/** The file that has its standard input. */
export const inputVariable = 'MPI_FUTURES_INPUT';

export function thisProcess(): string {
  return `${process.pid}@${hostname()}`;
}

const { [starterVariable]: starter, [inputVariable]: input } = process.env;

/** Not for what this process starts. */
export function forgetStarter(): void {
  Reflect.deleteProperty(process.env, starterVariable);
  Reflect.deleteProperty(process.env, inputVariable);
}

/** Ends this process when the starter was killed, which mpiexec would not notice; if it is on this host. */
export function endWithStarter(): void {
  const [pid = '', host] = starter?.split('@') ?? [];
  if (host !== hostname()) return;
  try {
    addonOfMpi().exitWith(Number(pid), 1);
  } catch {
    // One rank needs no addon.
  }
}

/** The standard input that the starter has read; undefined: nobody has. */
export function inputOfStarter(): string | undefined {
  if (!input) return undefined;
  try {
    return readFileSync(input, 'utf8');
  } catch (cause) {
    throw new UsageError(
      `The standard input is in ${input} on ${starter?.split('@')[1] ?? 'another host'}, which rank 0 on ${hostname()} ` +
        'cannot read: put the program into a file',
      { cause },
    );
  }
}
