/**
 * Tells the master that this process runs, and why it ends, before MPI connects the two
 * (lib/workers/starting_workers.ts), and watches the master. A failure here does no harm: the master then knows less.
 *
 * The master may be busy, and answer late or never. It reads what was written before its answer all the same. So only the choice
 * among several addresses waits for the answer, and no address is given up for being slow.
 */

import { connect, type Socket } from 'node:net';
import { hostname } from 'node:os';

import type { Addon } from '../addon/addon.js';
import { processSpace } from '../process/process_space.js';
import { settledWithin } from '../futures/wait_limits.js';
import { StartEvent, type MasterAddress, type StartReport } from '../workers/start_reports.js';

/** Milliseconds for the last report to leave: an address that leads nowhere takes minutes to say so. */
const closeTimeout = 10_000;

/** The connection of this worker to its master, until MPI has started. */
export class StartReporter {
  /** One for each address of the master, and only the right one as soon as it has answered. */
  readonly #sockets = new Set<Socket>();
  readonly #ends = (code: number): void => {
    this.#tell({ message: StartEvent.ends, why: `it ended with status ${code}` });
  };

  #master: number | undefined;

  /** @param address - of the master, from the command line */
  constructor(address: string | undefined) {
    if (address === undefined) return;
    try {
      const { pid, space, port, token, addresses } = JSON.parse(address) as MasterAddress;
      if (space !== undefined && space === processSpace()) this.#master = pid;
      for (const host of addresses) this.#connect(connect(port, host));
      this.#tell({ token, id: Math.random(), pid: process.pid, host: hostname() });
    } catch {
      return; // the master has said something else, or this process may not use the network
    }
    process.prependOnceListener('exit', this.#ends);
  }

  /**
   * Ends this process when its master's has ended, if both are on this host. Until they are connected nothing else shows that end:
   * MPI_Init waits for the master without a limit.
   */
  watchMaster(addon: Addon): void {
    if (this.#master !== undefined && !addon.exitWith(this.#master, 1)) addon.exitNow(1);
  }

  mpiHasStarted(): void {
    this.#tell({ message: StartEvent.started });
  }

  /** Returns when the master has been told. */
  async failed(error: unknown): Promise<void> {
    const why = error instanceof Error ? error.message : String(error);
    this.#tell({ message: StartEvent.ends, why });
    process.off('exit', this.#ends);
    const told = [...this.#sockets].map(
      (socket) => new Promise<void>((resolve) => socket.once('close', resolve).end(resolve)),
    );
    await settledWithin(closeTimeout, Promise.all(told));
  }

  #connect(socket: Socket): void {
    this.#sockets.add(socket);
    socket.unref();
    socket.on('error', () => undefined);
    // Another program on another host says nothing, or something else.
    socket.once('data', () => {
      for (const other of this.#sockets) if (other !== socket) other.destroy();
    });
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) process.off('exit', this.#ends);
    });
  }

  #tell(note: StartReport): void {
    for (const socket of this.#sockets) socket.write(`${JSON.stringify(note)}\n`);
  }
}
