/**
 * Notices, while MPI starts, that a rank on this host has ended. All others would wait for it in MPI_Init for ever: MPICH's
 * mpiexec does not notice a rank that ends before it has started MPI. Open MPI's does not if its status is 0, or under recovery.
 */

import { readFileSync } from 'node:fs';

import { MPIUnavailableError } from '../errors.js';
import { processIds, statOf } from '../process/processes_here.js';

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
  let before = Infinity;
  // Counts ticks instead of time: while this thread computes, or the machine sleeps, the others may not have run either.
  const clock = setInterval(() => {
    if (++seconds <= patience) return;
    const { expected, living, isFirst } = ranksHere();
    // While their number grows, mpiexec still starts them.
    missing = isFirst && living < expected && living <= before ? missing + 1 : 0;
    before = living;
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
interface RanksHere {
  /** The number that mpiexec has started. */
  readonly expected: number;
  /** The number of those that live. */
  readonly living: number;
  /** True if no rank with a lower number lives. */
  readonly isFirst: boolean;
}

const unknown: RanksHere = { expected: 0, living: 0, isFirst: false };

/** Finds the ranks among the children of the process that has started this one. None where they cannot be seen. */
function ranksHere(self = process.pid): RanksHere {
  const own = variablesOf(self);
  const names = launchers.find(({ rank, size }) => own?.has(rank) && own.has(size));
  if (own === undefined || names === undefined) return unknown;
  const rank = own.get(names.rank);
  const launcher = launcherOf(self, own, Object.values(names));
  if (launcher === undefined) return unknown;
  let living = 0;
  let isFirst = true;
  for (const pid of processIds()) {
    const stat = statOf(pid);
    if (stat?.parent !== launcher || 'ZX'.includes(stat.state)) continue;
    const theirs = variablesOf(pid);
    // Where they cannot be read, it is of another user: sudo, or a container.
    if (theirs !== undefined) {
      // One without may have replaced its variables, or not yet begun to run.
      const job = theirs.get(names.job);
      if (job !== undefined && job !== own.get(names.job)) continue;
      if (Number(theirs.get(names.rank)) < Number(rank)) isFirst = false;
    }
    living++;
  }
  return { expected: Number(own.get(names.size)), living, isFirst };
}

/**
 * The id of the process that has started the rank. Shells and the like may be in between; they have the variables of the rank,
 * too. Undefined where the two cannot be told apart: variables cannot be read, as those of Apptainer's starter, or the rank is in
 * a namespace of process ids of its own.
 */
function launcherOf(
  self: number,
  own: ReadonlyMap<string, string>,
  names: readonly string[],
): number | undefined {
  for (let pid = statOf(self)?.parent ?? 0; pid > 0; pid = statOf(pid)?.parent ?? 0) {
    const theirs = variablesOf(pid);
    if (theirs === undefined) return undefined;
    if (names.some((name) => theirs.get(name) !== own.get(name))) return pid;
  }
  return undefined;
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
