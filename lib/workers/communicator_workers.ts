/**
 * Workers that are processes of the program: all ranks of a communicator but one. Afterwards they go on with the
 * program.
 */

import type { NativeCommunicator } from '../addon/addon.js';
import { processEnding } from '../addon/ending.js';
import { hold, release } from '../addon/keep_alive.js';
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
  readonly #whenReleased: () => void;
  readonly #whenGivenUp: Promise<void>;
  #released: Promise<void> | undefined;
  giveUp!: () => void;

  /**
   * @param communicator - used by this pool alone; this process is its rank 0, and the others serve it
   * @param whenReleased - called when all workers have gone on with the program, also if that is long after {@link stop}
   */
  constructor(
    communicator: NativeCommunicator,
    options: CommunicatorOptions,
    whenReleased: () => void,
  ) {
    super();
    this.#communicator = communicator;
    this.#options = options;
    this.#whenReleased = whenReleased;
    this.#whenGivenUp = new Promise((resolve) => {
      this.giveUp = resolve;
    });
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

  /** Releases the workers, which go on with the program: one whose task was given up does when the task has returned. */
  protected disconnect(mpi: MpiProcess, workers: ConnectedWorkers): Promise<void> {
    return (this.#released ??= Promise.race([this.#release(mpi, workers), this.#whenGivenUp]));
  }

  async #release({ addon }: MpiProcess, workers: ConnectedWorkers): Promise<void> {
    hold(addon);
    try {
      const { allThere } = await workers.release();
      // Collective: with one missing the others would wait for ever.
      if (allThere) await disconnect(addon, this.#communicator);
    } finally {
      release(addon);
      this.#whenReleased();
    }
  }
}
