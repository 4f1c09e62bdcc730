/** The turns on MPI_COMM_WORLD: all processes must use it in the same order. */

import { Turns } from '../turns.js';
import { perProcess } from './per_process.js';

const turns = perProcess('world turn', () => new Turns());

/**
 * Takes the turn for connecting the workers of the launcher, which comes first and begins now. `use` settles when they
 * are connected.
 */
export function takeWorld(use: Promise<unknown>): void {
  const { end } = turns.take();
  use.then(end, end);
}

/** Resolves when the program may use MPI_COMM_WORLD. */
export function worldIsFree(): Promise<void> {
  return turns.over();
}
