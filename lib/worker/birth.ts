/**
 * Tells the master that this process runs, and why it ends, before MPI connects the two (lib/workers/births.ts). Whatever fails
 * here does no harm: the master then knows less.
 */

import { connect, type Socket } from 'node:net';
import { hostname } from 'node:os';

import { settledWithin } from '../workers/settled_within.js';
import { BirthMessage, type BirthAddress, type BirthNote } from '../workers/birth_messages.js';

/** Milliseconds for an address that does not answer, and for last words. */
const patience = 1000;

/** The connection of this worker to its master, until MPI has started. */
export class Birth {
  readonly #connection: Promise<Socket | undefined>;
  #socket: Socket | undefined;

  /** @param word - from the command line */
  constructor(word: string | undefined) {
    this.#connection = word === undefined ? Promise.resolve(undefined) : connectTo(word);
    void this.#connection.then((socket) => {
      this.#socket = socket;
      if (socket === undefined) return;
      const ends = (code: number): void => {
        this.#tell({ message: BirthMessage.ends, why: `it ended with status ${code}` });
      };
      process.prependOnceListener('exit', ends);
      socket.on('close', () => {
        this.#socket = undefined;
        process.off('exit', ends);
      });
    });
  }

  mpiHasStarted(): void {
    void this.#connection.then(() => {
      this.#tell({ message: BirthMessage.started });
    });
  }

  /** Returns when the master has been told. */
  async failed(error: unknown): Promise<void> {
    await settledWithin(patience, this.#connection, false);
    const why = error instanceof Error ? error.message : String(error);
    this.#tell({ message: BirthMessage.ends, why });
    this.#socket?.end();
    this.#socket = undefined;
  }

  #tell(note: BirthNote): void {
    this.#socket?.write(`${JSON.stringify(note)}\n`);
  }
}

async function connectTo(word: string): Promise<Socket | undefined> {
  try {
    const { port, token, addresses } = JSON.parse(word) as BirthAddress;
    const greeting: BirthNote = { token, pid: process.pid, host: hostname() };
    for (const address of addresses) {
      const socket = await greeted(connect(port, address), `${JSON.stringify(greeting)}\n`);
      if (socket !== undefined) return socket;
    }
  } catch {
    // The master has said something else, or this process may not use the network.
  }
  return undefined;
}

/** Undefined if nobody answers, or it is another program on another host. */
function greeted(socket: Socket, greeting: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.destroy(), patience);
    socket.unref();
    timer.unref();
    socket.on('error', () => undefined);
    socket.on('connect', () => socket.write(greeting));
    socket.on('data', () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });
}
