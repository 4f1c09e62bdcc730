/** Whose turn it is on MPI_COMM_WORLD: all processes must begin what they do with it in the same order. */

import { perProcess } from './per_process.js';

const world = perProcess('world turn', (): { taken: Promise<unknown> } => ({
  taken: Promise.resolve(),
}));

/** The workers of the launcher are connected first, which this process begins now; resolved when that is done. */
export function takeWorld(use: Promise<unknown>): void {
  world.taken = use.catch(() => undefined);
}

/** Resolved when the program may use it. */
export async function worldIsFree(): Promise<void> {
  await world.taken;
}
