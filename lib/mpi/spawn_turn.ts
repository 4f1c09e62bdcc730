/**
 * One MPI_Comm_spawn at a time. Open MPI (4.1, `ompi_dpm_open_port`) names the port of a spawn by a random number that two
 * threads may draw alike; each then waits for the other's workers for ever.
 */

import { perProcess } from './per_process.js';

const spawns = perProcess('spawns', (): { last?: Promise<unknown> | undefined } => ({}));

/** @param begin - begins the spawn: at once, or when those before have returned */
export function spawnInTurn<T>(begin: () => Promise<T>): Promise<T> {
  const { last } = spawns;
  const spawned = last === undefined ? begin() : last.then(begin);
  const settled: Promise<unknown> = spawned.then(leave, leave);
  spawns.last = settled;
  return spawned;

  function leave(): void {
    if (spawns.last === settled) spawns.last = undefined;
  }
}
