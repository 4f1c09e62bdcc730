/**
 * Runs one MPI_Comm_spawn at a time. Open MPI (4.1, `ompi_dpm_open_port`) names the port of a spawn by a random number.
 * Two threads may draw the same one; each then waits for the other's workers for ever.
 */

import { SpawnError } from '../errors.js';
import { Turns } from '../turns.js';
import { UntilFailure } from '../until_failure.js';
import { perProcess } from './per_process.js';

const spawns = perProcess('spawns', () => ({
  turns: new Turns(),
  isRunning: false,
  /** Fails when the running spawn is given up, until it returns after all. */
  untilStuck: new UntilFailure(),
}));

/**
 * Begins a spawn when the earlier ones have returned, or at once if there are none.
 *
 * @throws {SpawnError} (as a rejection) when an earlier one was given up
 */
export async function spawnInTurn<T>(begin: () => Promise<T>): Promise<T> {
  spawns.untilStuck.check();
  const { begins, end } = spawns.turns.take();
  try {
    if (begins !== undefined) await spawns.untilStuck.during(begins);
    return await run(begin);
  } finally {
    end();
  }
}

/**
 * Gives up the running spawn, which most likely never returns: spawns that wait for it fail, and later ones fail at
 * once.
 */
export function giveUpSpawn(): void {
  if (!spawns.isRunning) return;
  spawns.untilStuck.fail(
    new SpawnError(
      'An earlier MPI_Comm_spawn has not returned, so no other can start: restart the program',
    ),
  );
}

async function run<T>(begin: () => Promise<T>): Promise<T> {
  spawns.isRunning = true;
  try {
    return await begin();
  } finally {
    spawns.isRunning = false;
    spawns.untilStuck.recover();
  }
}
