/** MPI_FUTURES_INSPECT: the worker of a program that is to open a debugger (docs/guide/debugging.md). */

import { hostname } from 'node:os';

import { isWorker } from '../process/program_or_worker.js';
import type { DebuggerOrder } from '../tasks/messages.js';
import { warnOnce } from '../warn_once.js';

const variable = 'MPI_FUTURES_INSPECT';
const form = /^(\d{1,9})(?::(\d{1,5}))?(:wait)?$/;
const largestPort = 65_535;

/** The forms of the variable's values. */
export const inspectForms = 'RANK, RANK:PORT, RANK:wait or RANK:PORT:wait';

/** The value of the variable. */
export interface InspectedWorker {
  /** The rank among the workers of each pool. */
  readonly rank: number;
  /** The port of its debugger; 0: any that is free. */
  readonly port: number;
  /** True if the worker does nothing before a debugger lets it. */
  readonly waits: boolean;
}

/** Reads a value of the variable. Returns undefined for one that has none of the {@link inspectForms}. */
export function parseInspectedWorker(word: string): InspectedWorker | undefined {
  const [, rank, port = '0', wait] = form.exec(word.trim()) ?? [];
  if (rank === undefined || Number(port) > largestPort) return undefined;
  return { rank: Number(rank), port: Number(port), waits: wait !== undefined };
}

/** The worker that is to open a debugger, in each pool of the program; undefined if there is none, and in its workers. */
export function inspectedWorker(): InspectedWorker | undefined {
  const word = process.env[variable];
  if (!word?.trim() || isWorker()) return undefined;
  const inspected = parseInspectedWorker(word);
  if (inspected === undefined)
    warn(`Expected ${inspectForms} for ${variable} but received '${word}'`);
  return inspected;
}

/** The order for the worker with this rank; undefined: it opens none. */
export function debuggerOrder(ofRank: number): DebuggerOrder | undefined {
  const inspected = inspectedWorker();
  if (inspected?.rank !== ofRank) return undefined;
  const { port, waits } = inspected;
  return { port, waits, host: hostname() };
}

/** @param count - the number of workers of a pool */
export function warnIfNotThere(count: number): void {
  const { rank = 0 } = inspectedWorker() ?? {};
  if (rank < count) return;
  const known = count === 1 ? 'whose only worker is 0' : `whose workers are 0 to ${count - 1}`;
  warn(`Expected the rank of a worker for ${variable} but received ${rank} in a pool ${known}`);
}

function warn(problem: string): void {
  warnOnce(`${problem}: no debugger is opened`, {
    type: 'MPIFuturesWarning',
    code: 'MPI_FUTURES_NO_DEBUGGER',
  });
}
