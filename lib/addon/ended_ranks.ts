/**
 * Notices, while MPI starts, that a rank on this host has ended. All others would wait for it in MPI_Init for ever: MPICH's
 * mpiexec does not notice a rank that ends before it has started MPI, and Open MPI's not one that ends well, or under recovery.
 */

import { readFileSync } from 'node:fs';

import { MPIUnavailableError } from '../errors.js';
import { processIds } from '../process/processes_here.js';

/** The variables by which the two mpiexecs tell each rank its number, the number of ranks on its host, and its job. */
const launchers = [
  { rank: 'OMPI_COMM_WORLD_RANK', size: 'OMPI_COMM_WORLD_LOCAL_SIZE', job: 'PMIX_NAMESPACE' },
  { rank: 'PMI_RANK', size: 'MPI_LOCALNRANKS', job: 'PMI_SIZE' },
] as const;

/** Seconds that a start may take before anybody looks: most take less than one. */
const patience = 4;
/** Seconds in a row in which a rank must be missing: one that begins to run is not seen at once. */
const proof = 3;

/**
 * Calls `failed` if a rank on this host ends, on the first of those that live.
 *
 * @returns a function to call when MPI has started
 */
export function watchRanksHere(failed: (error: MPIUnavailableError) => void): () => void {
  let seconds = 0;
  let missing = 0;
  // Counts ticks instead of time: while this thread computes, or the machine sleeps, the others may not have run either.
  const clock = setInterval(() => {
    if (++seconds <= patience) return;
    const { expected, living, isFirst } = ranksHere();
    missing = isFirst && living < expected ? missing + 1 : 0;
    if (missing < proof) return;
    clearInterval(clock);
    failed(
      new MPIUnavailableError(
        `${expected - living} of the ${expected} processes of this job on this host ended before MPI had started there, ` +
          'and the others would wait for ever. See what was printed before, or run the command of a rank by itself',
        'ERR_MPI_RANK_ENDED',
      ),
    );
  }, 1000).unref();
  return () => {
    clearInterval(clock);
  };
}

/** The ranks of a job on one host. */
export interface RanksHere {
  /** The number that mpiexec has started. */
  readonly expected: number;
  /** The number of those that live. */
  readonly living: number;
  /** True if no rank with a lower number lives. */
  readonly isFirst: boolean;
}

const unknown: RanksHere = { expected: 0, living: 0, isFirst: false };

/** Looks for the ranks: they are the children of the process that has started this one, too. None where that cannot be seen. */
export function ranksHere(self = process.pid): RanksHere {
  const own = variablesOf(self);
  const names = launchers.find(({ rank, size }) => own?.has(rank) && own.has(size));
  if (own === undefined || names === undefined) return unknown;
  const rank = own.get(names.rank);
  const launcher = launcherOf(self, (pid) => variablesOf(pid)?.get(names.rank) === rank);
  if (launcher === undefined) return unknown;
  let living = 0;
  let isFirst = true;
  for (const pid of processIds()) {
    const stat = statOf(pid);
    if (stat?.parent !== launcher || 'ZX'.includes(stat.state)) continue;
    const theirs = variablesOf(pid);
    // Where they cannot be read, it is of another user: sudo, or a container.
    if (theirs !== undefined) {
      if (!theirs.has(names.rank) || theirs.get(names.job) !== own.get(names.job)) continue;
      if (Number(theirs.get(names.rank)) < Number(rank)) isFirst = false;
    }
    living++;
  }
  return { expected: Number(own.get(names.size)), living, isFirst };
}

/** Between it and a rank there may be shells and the like, which have the variables of the rank, too. */
function launcherOf(self: number, isOfThisRank: (pid: number) => boolean): number | undefined {
  let pid = self;
  do pid = statOf(pid)?.parent ?? 0;
  while (pid > 0 && isOfThisRank(pid));
  return pid > 0 ? pid : undefined; // it is not in a container that has process ids of its own
}

/** The variables with which a process has begun; undefined where they cannot be read. */
function variablesOf(pid: number): Map<string, string> | undefined {
  try {
    const texts = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return new Map(texts.map((text) => text.split(/=(.*)/s, 2) as [string, string]));
  } catch {
    return undefined;
  }
}

function statOf(pid: number): { state: string; parent: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', parent] = text.slice(text.lastIndexOf(')') + 2).split(' '); // a name may contain anything
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
