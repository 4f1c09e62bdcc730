/** A module that workers never load to its end. */

import { isMain } from 'mpi-futures';

const value = 42;

/** Needs its module. */
export function answer() {
  return value;
}

if (!isMain) await new Promise(() => undefined);
