/** Variables by which `mpi-futures -n N` passes facts to the ranks of its mpiexec. */

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

import { UsageError } from '../errors.js';
import { addonOfMpi } from '../addon/mpi_process.js';
import { columnsVariable } from '../progress/stderr_display.js';

/** `<pid>@<host>` of the command `mpi-futures -n N` that has started mpiexec. */
export const commandVariable = 'MPI_FUTURES_STARTER';
/** The file with that command's standard input. */
export const inputVariable = 'MPI_FUTURES_INPUT';

/** The value of {@link commandVariable} for this process. */
export function thisCommand(): string {
  return `${process.pid}@${hostname()}`;
}

const { [commandVariable]: command, [inputVariable]: input } = process.env;

/** Clears these variables and {@link columnsVariable}, because the processes that this one starts are not ranks of that command. */
export function forgetHandover(): void {
  Reflect.deleteProperty(process.env, commandVariable);
  Reflect.deleteProperty(process.env, inputVariable);
  Reflect.deleteProperty(process.env, columnsVariable);
}

/**
 * Ends this process when the command is killed, which mpiexec would not notice. Works only if the command runs on this
 * host.
 */
export function endWithCommand(): void {
  const [pid = '', host] = command?.split('@') ?? [];
  if (host !== hostname()) return;
  try {
    addonOfMpi().exitWith(Number(pid), 1);
  } catch {
    // One rank needs no addon.
  }
}

/** The standard input that the command has read; undefined if it can still be read here. */
export function handedInput(): string | undefined {
  if (!input) return undefined;
  try {
    return readFileSync(input, 'utf8');
  } catch (cause) {
    throw new UsageError(
      `The standard input is in ${input} on ${command?.split('@')[1] ?? 'another host'}, which rank 0 on ${hostname()} ` +
        'cannot read: put the program into a file',
      { cause },
    );
  }
}
