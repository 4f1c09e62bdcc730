/** Reads boolean variables of the environment. They accept the words that YAML does, as in mpi4py. */

import { warnOnce } from '../warn_once.js';

const words: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'yes', 'on', 'y', '1'].map((word) => [word, true] as const),
  ...['false', 'no', 'off', 'n', '0'].map((word) => [word, false] as const),
]);

/**
 * The value of the variable `name`. Returns `otherwise` if it is not set, and also, with a warning, if it has an
 * unknown value.
 */
export function booleanOfEnvironment(name: string, otherwise: boolean): boolean {
  const word = process.env[name];
  if (!word) return otherwise;
  const value = words.get(word.toLowerCase());
  if (value !== undefined) return value;
  const known = [...words.keys()].join(', ');
  warnOnce(`Expected one of ${known} for ${name} but received '${word}': ${otherwise} is used`, {
    type: 'MPIFuturesWarning',
    code: 'MPI_FUTURES_ENVIRONMENT',
  });
  return otherwise;
}
