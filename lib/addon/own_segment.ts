/**
 * The shared memory of a program without mpiexec. Open MPI 5.0 makes a file of 16 MB for the processes of its job, of which there is
 * one, and leaves it behind (https://github.com/open-mpi/ompi/pull/13261); 6.0 does so when it ends a program that has lost a worker.
 * Where /dev/shm has 64 MB, as in containers, a few of them fill it.
 */

import { readFileSync, unlinkSync } from 'node:fs';

import { attempt } from '../attempt.js';
import type { MpiLibrary } from './implementation.js';
import { launcher } from './launcher.js';

const mapped = /^[\da-f].* (\/.*\/sm_segment\.[^/\n]+)$/gm;

/**
 * Removes the name of the file, when MPI has started: the memory stays. Nobody else opens it: processes that are spawned are of another
 * job, and reach this one by other ways. Linux; elsewhere there is no list of what is mapped.
 */
export function forgetSegment({ implementation, major }: MpiLibrary): void {
  if (implementation !== 'openmpi' || major < 5 || launcher.size > 0) return;
  const maps = attempt(() => readFileSync('/proc/self/maps', 'utf8')) ?? '';
  for (const [, file = ''] of maps.matchAll(mapped)) attempt(() => unlinkSync(file));
}
