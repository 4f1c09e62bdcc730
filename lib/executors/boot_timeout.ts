/** How long the start of workers may take where the program does not say. */

import { validateTimeout } from '../validators.js';

const variable = 'MPI_FUTURES_BOOT_TIMEOUT';

/**
 * In milliseconds: MPI_FUTURES_BOOT_TIMEOUT, else 60 000.
 *
 * @throws {TypeError} and {RangeError} where the variable is no number of milliseconds
 */
export function defaultBootTimeout(): number {
  if (!isBootTimeoutSet()) return 60_000;
  const word = process.env[variable];
  const value = Number(word);
  validateTimeout(Number.isNaN(value) ? word : value, variable);
  return value;
}

/** True if the user says how long a start may take. */
export function isBootTimeoutSet(): boolean {
  return Boolean(process.env[variable]?.trim());
}
