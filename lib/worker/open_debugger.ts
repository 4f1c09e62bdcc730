/** Opens the debugger of this worker, and says where it is (MPI_FUTURES_INSPECT, docs/guide/debugging.md). */

import { open, url, waitForDebugger } from 'node:inspector';
import { hostname } from 'node:os';
import { isMainThread } from 'node:worker_threads';

import { report } from '../process/program_or_worker.js';
import type { DebuggerOrder, Warning } from '../tasks/messages.js';

const loopback = '127.0.0.1';

// nodejs/node#37614: process.exit() and terminate() hang while somebody is attached.
const refusesThreads =
  'it is a thread, and Node.js may not end while the debugger of a thread is in use. Start the program by node --inspect: ' +
  'its debugger shows the threads, too';

/** True once this worker was told to: it is told again for each executor. */
let wasOpened = false;

/** The worker, as its debugger uses it. */
export interface DebuggedWorker {
  readonly rank: number;
  warn(warning: Warning): void;
  /** Returns when everything sent is on its way, whatever this thread does then. */
  handOver(): void;
}

/**
 * Opens the debugger of this process, once. Called before any code of the user runs here. Returns when a debugger lets the worker go
 * on, if it is to wait.
 */
export function openDebugger(order: DebuggerOrder, worker: DebuggedWorker): void {
  if (wasOpened) return;
  wasOpened = true;
  const problem = isMainThread ? tryToOpen(order.port) : refusesThreads;
  const address = isMainThread ? url() : undefined;
  if (address === undefined) {
    worker.warn({
      code: 'MPI_FUTURES_NO_DEBUGGER',
      text: `Worker ${worker.rank} on ${hostname()} has no debugger: ${problem} (MPI_FUTURES_INSPECT)`,
    });
    return;
  }
  report(`mpi-futures: ${whereToAttach(address, worker.rank, hostname(), order)}\n`);
  if (!order.waits) return;
  worker.handOver();
  waitForDebugger();
}

/** Opens the debugger. Returns the likely reason if there is none afterwards. */
function tryToOpen(port: number): string {
  try {
    // With --inspect there is one.
    if (url() === undefined) open(port, loopback);
  } catch (error) {
    return (error as Error).message;
  }
  // Node.js prints the reason on stderr, and tells the caller nothing.
  return `port ${port} of ${loopback} cannot be opened, probably as another process has it. Without a port a free one is taken`;
}

/**
 * The line for the user.
 *
 * @param address - `ws://127.0.0.1:PORT/…`
 */
export function whereToAttach(
  address: string,
  rank: number,
  host: string,
  { host: hostOfProgram, waits }: DebuggerOrder,
): string {
  const [, port = ''] = /:(\d+)\//.exec(address) ?? [];
  const where = `the debugger of worker ${rank} (process ${process.pid} on ${host}) is at ${address}`;
  const waiting = waits ? '; the worker waits for it' : '';
  const how = `. Attach an editor, or add ${loopback}:${port} in chrome://inspect`;
  const tunnel = `, after ssh -N -L ${port}:${loopback}:${port} ${host}`;
  return `${where}${waiting}${how}${host === hostOfProgram ? '' : tunnel}`;
}
