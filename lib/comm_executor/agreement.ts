/** The agreement of all ranks before one of them becomes the master: a wrong argument on one is an error on all. */

import type { Communicator } from '../mpi/communicator.js';
import { InvalidStateError, UsageError } from '../errors.js';
import { slow } from '../late.js';
import { warnOnceLate } from '../workers/slow_start.js';

/** The arguments of one rank, and whether it can serve. */
export interface Terms {
  readonly root: number;
  /** True if the rank serves another master, or may be about to. */
  readonly isBusy: boolean;
  /** The error for its arguments; undefined if they are right. */
  readonly problem: Error | undefined;
}

interface Said {
  readonly root: number;
  readonly isBusy: boolean;
  readonly problem: Problem | null;
}

interface Problem {
  readonly name: string;
  readonly message: string;
  readonly code: string | null;
}

/**
 * Makes all ranks agree on their arguments. Collective.
 *
 * @throws {TypeError | RangeError | UsageError | InvalidStateError} on all ranks alike
 */
export async function agree(comm: Communicator, { root, isBusy, problem }: Terms): Promise<void> {
  const mine: Said = { root, isBusy, problem: problem === undefined ? null : describe(problem) };
  const all = comm.size === 1 ? [mine] : await heardFromAll(comm, mine);
  const faulty = all.findIndex((said) => said.problem !== null);
  if (faulty === comm.rank) throw problem!;
  if (faulty >= 0) throw remade(all[faulty]!.problem!);
  const first = all[0]!.root;
  const other = all.findIndex((said) => said.root !== first);
  if (other >= 0) {
    throw new UsageError(
      `Expected the same root on all ranks but received ${first} on rank 0 and ${all[other]!.root} on rank ${other}`,
    );
  }
  const busy = all.findIndex((said, rank) => rank !== root && said.isBusy);
  if (busy >= 0) {
    throw new InvalidStateError(
      `Rank ${busy} cannot serve: it has entered another CommExecutor and not left it yet`,
    );
  }
}

/** Waits without a limit, because a rank may have much to do before it comes. Two ranks at most warn that they wait. */
async function heardFromAll(comm: Communicator, mine: Said): Promise<Said[]> {
  const text =
    `Not all ranks have entered the CommExecutor after ${slow} s: rank ${comm.rank} waits. ` +
    'Each rank of its communicator calls run or enter';
  // One rank is enough to warn, but that one may be late itself: so two do.
  const over = comm.rank < 2 ? warnOnceLate(() => text) : undefined;
  try {
    return await comm.allgather(mine);
  } finally {
    over?.();
  }
}

function describe(problem: Error): Problem {
  const { name, message, code } = problem as NodeJS.ErrnoException;
  return { name, message, code: code ?? null };
}

function remade({ name, message, code }: Problem): Error {
  const classes = new Map<string, new (message: string) => Error>([
    ['TypeError', TypeError],
    ['RangeError', RangeError],
  ]);
  const error = new (classes.get(name) ?? UsageError)(message);
  return code === null ? error : Object.assign(error, { code });
}
