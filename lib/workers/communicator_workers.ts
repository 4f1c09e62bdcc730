/**
 * Workers that are processes of the program: all ranks of a communicator but one. Afterwards they go on with the
 * program.
 */

import type { NativeCommunicator } from '../addon/addon.js';
import { processEnding } from '../addon/ending.js';
import { disconnect, type MpiProcess } from '../addon/mpi_process.js';
import { ConnectedWorkers } from './connected_workers.js';
import { MpiWorkers } from './mpi_workers.js';
import type { WorkerEvents } from './worker_source.js';

/** The options of an executor that concern its connection. */
export interface CommunicatorOptions {
  /** Milliseconds until the workers must have said hello. */
  readonly bootTimeout: number;
  /** The longest pause between two checks for messages, in milliseconds. */
  readonly backoff: number;
  /** The limit of silence, in milliseconds. */
  readonly heartbeat: number;
}

/** All ranks of a communicator except this one, which is their master. */
export class CommunicatorWorkers extends MpiWorkers {
  readonly #communicator: NativeCommunicator;
  readonly #options: CommunicatorOptions;
  #released: Promise<void> | undefined;

  /** @param communicator - used by this pool alone; this process is its rank 0, and the others serve it */
  constructor(communicator: NativeCommunicator, options: CommunicatorOptions) {
    super();
    this.#communicator = communicator;
    this.#options = options;
  }

  protected connect(mpi: MpiProcess, events: WorkerEvents): Promise<ConnectedWorkers> {
    const { bootTimeout, backoff, heartbeat } = this.#options;
    mpi.addon.setBackoff(backoff);
    const connection = {
      mpi,
      communicator: this.#communicator,
      firstRank: 1,
      firstNumber: 0,
      count: this.#communicator.size - 1,
      abortsOthers: processEnding().abortsOthers,
      deadline: bootTimeout,
      heartbeat,
    };
    return Promise.resolve(new ConnectedWorkers(connection, events));
  }

  /** Releases the workers, which go on with the program. */
  protected disconnect(mpi: MpiProcess, workers: ConnectedWorkers): Promise<void> {
    return (this.#released ??= this.#release(mpi, workers));
  }

  async #release({ addon }: MpiProcess, workers: ConnectedWorkers): Promise<void> {
    const { allThere } = await workers.release();
    // Collective: with one missing the others would wait for ever.
    if (allThere) await disconnect(addon, this.#communicator);
  }
}
