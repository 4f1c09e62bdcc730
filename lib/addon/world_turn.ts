/** The turns on MPI_COMM_WORLD: all processes must begin what they do with it in the same order. */

import { Turns } from '../turns.js';
import { perProcess } from './per_process.js';

const turns = perProcess('world turn', () => new Turns());

/** The workers of the launcher are connected first, which this process begins now; `use` settles when that is done. */
export function takeWorld(use: Promise<unknown>): void {
  const { end } = turns.take();
  use.then(end, end);
}

/** Resolved when the program may use it. */
export function worldIsFree(): Promise<void> {
  return turns.over();
}
