/**
 * One MPI_Comm_spawn at a time. Open MPI (4.1, `ompi_dpm_open_port`) names the port of a spawn by a random number that two
 * threads may draw alike; each then waits for the other's workers for ever.
 */

import { SpawnError } from '../errors.js';
import { perProcess } from './per_process.js';

const spawns = perProcess('spawns', () => ({
  last: undefined as Promise<unknown> | undefined,
  running: undefined as Promise<unknown> | undefined,
  /** The spawn that runs was given up. */
  isStuck: false,
  /** Those that wait, to be refused. */
  waiting: new Set<(reason: SpawnError) => void>(),
}));

/**
 * @param begin - begins the spawn: at once, or when those before have returned
 * @throws {SpawnError} (as a rejection) when one before was given up
 */
export function spawnInTurn<T>(begin: () => Promise<T>): Promise<T> {
  if (spawns.isStuck) return Promise.reject(noOther());
  const { last } = spawns;
  const spawned = last === undefined ? run(begin) : turnAfter(last).then(() => run(begin));
  const settled: Promise<unknown> = spawned.then(leave, leave);
  spawns.last = settled;
  return spawned;

  function leave(): void {
    if (spawns.last === settled) spawns.last = undefined;
  }
}

/** The spawn that runs does not return, as a rule never: those that wait for it fail, and later ones at once. */
export function giveUpSpawn(): void {
  spawns.isStuck = spawns.running !== undefined;
  if (!spawns.isStuck) return;
  for (const refuse of spawns.waiting) refuse(noOther());
  spawns.waiting.clear();
}

function run<T>(begin: () => Promise<T>): Promise<T> {
  const running = begin();
  spawns.running = running;
  running.then(returned, returned);
  return running;

  function returned(): void {
    spawns.running = undefined;
    spawns.isStuck = false;
  }
}

function turnAfter(last: Promise<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    spawns.waiting.add(reject);
    void last.then(() => {
      spawns.waiting.delete(reject);
      resolve();
    });
  });
}

function noOther(): SpawnError {
  return new SpawnError(
    'An MPI_Comm_spawn before this one has failed without an end, and no other can begin meanwhile',
  );
}
