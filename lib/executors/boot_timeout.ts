/** How long the start of workers may take where the program does not say. */

import { validateTimeout } from '../validators.js';

const variable = 'MPI_FUTURES_BOOT_TIMEOUT';

/**
 * In milliseconds: MPI_FUTURES_BOOT_TIMEOUT, else 60 000.
 *
 * @throws {TypeError} and {RangeError} where the variable is no number of milliseconds
 */
export function defaultBootTimeout(): number {
  const word = process.env[variable];
  if (!word?.trim()) return 60_000;
  const value = Number(word);
  validateTimeout(Number.isNaN(value) ? word : value, variable);
  return value;
}
