/**
 * The steps of a collective operation: arguments are checked and encoded at the call, the operation begins in its turn,
 * all ranks agree on it, and then it is done.
 */

import { endingIfLoaded } from '../../addon/ending.js';
import { agree, fault, type Agreed, type Call, type Terms } from './agreement.js';
import { tags } from '../messages/envelope.js';
import type { Handle } from '../handle.js';
import type { Opened } from '../opened.js';

/** The communicator and tags of an operation that all ranks have agreed on. */
export interface Stage extends Opened {
  readonly agreed: Agreed;
  /** A tag that no other operation uses now; nor is the next higher one used. */
  readonly tag: number;
  /** Returns `last`, the operation's last call of MPI, unchanged, and lets the next operation begin. */
  readonly posted: <T>(last: T) => T;
}

/** One rank's call of an operation: its arguments for the agreement, and its share of the operation. */
export interface Plan<T> {
  readonly terms: Terms;
  readonly proceed: (stage: Stage) => Promise<T> | T;
}

/**
 * @param prepare - runs now. An error that it throws is the error of this rank; the others are informed and fail too
 */
export async function collective<T>(
  handle: Handle,
  call: Call,
  prepare: () => Plan<T>,
): Promise<T> {
  handle.check();
  if (handle.extent.isInter && !betweenGroups.includes(call)) throw notBetweenGroups(call);
  let plan: Plan<T>;
  try {
    plan = prepare();
  } catch (error) {
    perform(handle, call, fault, () => undefined).catch(() => undefined);
    throw error;
  }
  const { terms, proceed } = plan;
  return perform(handle, call, terms, proceed);
}

/** Resolves when all ranks have called it. The agreement alone does this. */
export function barrier(handle: Handle): Promise<void> {
  return collective(handle, 'barrier', () => ({ terms: {}, proceed: () => undefined }));
}

const betweenGroups: readonly Call[] = ['barrier', 'dup', 'merge'];

function notBetweenGroups(call: Call): Error {
  return Object.assign(
    new TypeError(
      `${call} is not for intercommunicators: merge() makes one communicator of both groups`,
    ),
    { code: 'ERR_INTERCOMMUNICATOR' },
  );
}

/**
 * Takes a turn, agrees with the other ranks on `terms`, and proceeds. Keeps the program alive meanwhile.
 *
 * @throws {MPIError} (as a rejection) if the ranks do not agree
 */
export function perform<T>(
  handle: Handle,
  call: Call,
  terms: Terms | typeof fault,
  proceed: Plan<T>['proceed'],
): Promise<T> {
  const turn = handle.turns.take();
  const number = handle.collectives++;
  return handle.during(async (opened) => {
    await turn.begins;
    const notice = noticeOfServing(handle, call);
    try {
      const agreed = await agree(opened, call, terms);
      const { first, count } = tags.collectives;
      return await proceed({
        ...opened,
        agreed,
        tag: first + ((2 * number) % count),
        posted: (last) => {
          turn.end();
          return last;
        },
      });
    } finally {
      turn.end();
      clearTimeout(notice);
    }
  });
}

/** Milliseconds before the notice is printed. */
const patience = 5000;

/**
 * Prints a notice if a collective operation waits long under the launcher: the other ranks take part only if a task
 * makes them call it.
 */
function noticeOfServing(handle: Handle, call: Call): NodeJS.Timeout | undefined {
  const isWorld = handle.isPermanent && handle.extent.size > 1;
  if (!isWorld || endingIfLoaded()?.isLeading !== true) return undefined;
  return setTimeout(() => {
    process.emitWarning(
      `COMM_WORLD.${call}() waits for the other ranks, which are the workers of this one under mpi-futures. ` +
        'Start a program that all ranks run by: mpiexec -n N node app.js',
      { type: 'MPIFuturesWarning', code: 'MPI_FUTURES_RANKS_SERVE' },
    );
  }, patience).unref();
}
