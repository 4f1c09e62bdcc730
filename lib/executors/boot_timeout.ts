/** The default time limit for the start of workers. */

import { validateTimeout } from '../validators.js';

const variable = 'MPI_FUTURES_BOOT_TIMEOUT';

/**
 * The limit in milliseconds: MPI_FUTURES_BOOT_TIMEOUT, else 60 000.
 *
 * @throws {TypeError | RangeError} if the variable is not a number of milliseconds
 */
export function defaultBootTimeout(): number {
  if (!isBootTimeoutSet()) return 60_000;
  const word = process.env[variable];
  const value = Number(word);
  validateTimeout(Number.isNaN(value) ? word : value, variable);
  return value;
}

/** True if the user has set a limit. */
export function isBootTimeoutSet(): boolean {
  return Boolean(process.env[variable]?.trim());
}
