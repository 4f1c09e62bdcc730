/** Checks a spawn before it begins, since one that would fail hangs as a rule. */

import { setTimeout } from 'node:timers/promises';

import { SpawnError } from '../errors.js';
import { isOnPath } from '../process/executables.js';
import { launcher, srunPlugin } from './launcher.js';
import type { MpiLibrary } from './implementation.js';
import type { MpiProcess } from './mpi_process.js';
import { isOversubscriptionAllowed, permission } from './oversubscription.js';
import { perProcess } from './per_process.js';
import { isRefusedAsRoot, rootAdvice } from './root_refusal.js';

const spawned = perProcess('spawned processes', () => ({
  count: 0,
  endings: new Set<Promise<void>>(),
}));

/** Counts the slots that new workers take up. */
export function countSpawned(workers: number): void {
  spawned.count += workers;
}

/** Milliseconds in which the mpiexec of Open MPI 5 and later notices that processes have ended: until then it refuses a spawn. */
const untilNoticed = 1000;

/** Frees the slots of workers when `ended` resolves. */
export function countEnded({ library }: MpiProcess, workers: number, ended: Promise<void>): void {
  const noticed =
    library.major < 5
      ? ended
      : ended.then(() => setTimeout(untilNoticed, undefined, { ref: false }));
  const ending = noticed.then(() => {
    spawned.count -= workers;
    spawned.endings.delete(ending);
  });
  spawned.endings.add(ending);
}

/**
 * @param placed - true if the user places the workers by MPI_Info; slots are not counted here then
 * @throws {SpawnError} saying what to do instead
 */
export async function checkSpawnIsPossible(
  mpi: MpiProcess,
  count: number,
  placed: boolean,
): Promise<void> {
  if (mpi.library.implementation === 'mpich' && launcher.size === 0) {
    throw new SpawnError(
      'MPICH cannot spawn workers from a program that was started without mpiexec. Start all processes together; ' +
        `for ${workers(count)}: mpiexec -n ${count + 1} mpi-futures app.js. Or, if this MPICH can spawn: mpiexec -n 1 node app.js`,
    );
  }
  if (srunPlugin !== undefined) {
    throw new SpawnError(
      `srun cannot spawn workers. Start all processes together; for ${workers(count)}: ` +
        `srun -n ${count + 1} mpi-futures app.js. Or use mpiexec within the allocation: salloc … mpiexec -n 1 node app.js`,
    );
  }
  const impossible = await mpi.addon.whySpawnIsImpossible();
  if (impossible !== '') {
    const device = /Device:\s*(\S+)/.exec(mpi.library.version)?.[1];
    throw new SpawnError(
      `This MPICH${device === undefined ? '' : ` (device ${device})`} cannot spawn processes. ` +
        `Start all of them together instead; for ${workers(count)}: ` +
        `mpiexec -n ${count + 1} mpi-futures app.js (rank 0 runs app.js, the other ranks are its workers). ` +
        `MPI says: ${lastOf(impossible)}`,
    );
  }
  const { library } = mpi;
  if (isRefusedAsRoot(library))
    throw new SpawnError(`Open MPI starts no workers as root unless it is told to. ${rootAdvice}`);
  if (library.implementation !== 'openmpi' || launcher.size === 0 || placed) return;
  if (count > freeSlots(mpi)) await Promise.all(spawned.endings);
  // Open MPI 5 and later report such errors, and options of mpiexec that are not visible here change their number of
  // slots.
  if (library.major < 5) checkSlots(mpi, count);
}

/**
 * True if the first spawn is known to be possible before MPI has started: Open MPI's mpiexec has started this process
 * alone, and has enough slots.
 */
export function isSpawnSurelyPossible(library: MpiLibrary, count: number): boolean {
  const { implementation } = library;
  if (
    implementation !== 'openmpi' ||
    launcher.implementation !== implementation ||
    launcher.size !== 1
  )
    return false;
  return count < Number(process.env.OMPI_UNIVERSE_SIZE) || isOversubscriptionAllowed(library);
}

function workers(count: number): string {
  return count === 1 ? '1 worker' : `${count} workers`;
}

// MPICH's texts are a stack of calls; the reason is at the end.
function lastOf(text: string): string {
  return (
    text
      .trim()
      .split(/:\s+|\n/)
      .at(-1) ?? text
  );
}

/**
 * The number of free slots. On a spawned worker this is an upper limit, because the process that spawned it may have
 * spawned others.
 */
function freeSlots(mpi: MpiProcess): number {
  return mpi.universeSize - knownProcesses(mpi) - spawned.count;
}

function knownProcesses({ world, parent }: MpiProcess): number {
  return world.size + (parent?.remoteSize ?? 0);
}

/** Open MPI's mpiexec prints a page and then hangs when a spawn needs more slots than there are. */
function checkSlots(mpi: MpiProcess, count: number): void {
  if (hasSlots(mpi, count) || isOversubscriptionAllowed(mpi.library)) return;
  throw new SpawnError(lackOfSlots(mpi, count));
}

function hasSlots(mpi: MpiProcess, count: number): boolean {
  return mpi.universeSize === 0 || count <= freeSlots(mpi);
}

function lackOfSlots(mpi: MpiProcess, count: number): string {
  return (
    `Open MPI has ${Math.max(freeSlots(mpi), 0)} free slots for workers, but ${count} were asked for. ` +
    `Start the program with more slots (mpiexec --host <hostname>:${count + knownProcesses(mpi)} -n 1 node app.js), ` +
    'allow more processes than cores (mpiexec --oversubscribe …), or use a smaller maxWorkers.'
  );
}

/** The advice for a failed spawn; Open MPI does not say why it has spawned nothing. */
export function adviceOnFailure(mpi: MpiProcess, count: number): string {
  const { implementation, major } = mpi.library;
  if (implementation !== 'openmpi') return '';
  if (major >= 5 && launcher.size === 0 && !isOnPath('prte'))
    return '. Open MPI starts a program of its own, prte: add the directory of its mpiexec to PATH';
  return adviceOnSlots(mpi, count);
}

/** Without mpiexec the universe size is unknown. */
function adviceOnSlots(mpi: MpiProcess, count: number): string {
  const { library } = mpi;
  if (isOversubscriptionAllowed(library)) return '';
  if (launcher.size > 0) return hasSlots(mpi, count) ? '' : `. ${lackOfSlots(mpi, count)}`;
  return (
    '. Open MPI starts no more processes, including this one, than it has slots (by cores, a batch system or a variable): ' +
    `set ${permission(library.major)}, or use a smaller maxWorkers`
  );
}
