/** The workers of one MPI_Comm_spawn. A pool has one such group, and one more for each worker that was replaced. */

import { SpawnError, type WorkerLostError } from '../errors.js';
import type { NativeCommunicator } from '../addon/addon.js';
import { processEnding } from '../addon/ending.js';
import { disconnect, type MpiProcess } from '../addon/mpi_process.js';
import { ConnectedWorkers } from './connected_workers.js';
import { settledWithin } from './settled_within.js';
import { countEnded, countSpawned } from '../addon/spawn_checks.js';
import type { WorkerEvents, WorkerLink } from './worker_source.js';

/** Milliseconds for all workers to disconnect, and to end, after they were told to. */
const endTimeout = 5000;

/** Place of the workers in their pool, and how long they are waited for. */
export interface GroupOptions {
  /** Number in the pool of the first of them; the others follow. */
  readonly firstNumber: number;
  /** Its rank in the pool: that of the one it replaces, if it does. */
  readonly rankInPool: number;
  /** Milliseconds until all workers must have said hello. */
  readonly deadline: number;
  /** Milliseconds of silence after which a worker that cannot be watched is lost. */
  readonly heartbeat: number;
}

/** The communicator to the workers, and how many of them were lost. */
export class SpawnedGroup {
  readonly workers: ConnectedWorkers;
  readonly #mpi: MpiProcess;
  readonly #communicator: NativeCommunicator;
  #areThere = false;
  #lost = 0;
  #lastLoss: WorkerLostError | undefined;

  constructor(
    mpi: MpiProcess,
    communicator: NativeCommunicator,
    events: WorkerEvents,
    { firstNumber, rankInPool, deadline, heartbeat }: GroupOptions,
  ) {
    this.#mpi = mpi;
    this.#communicator = communicator;
    countSpawned(communicator.remoteSize);
    this.workers = new ConnectedWorkers(
      {
        mpi,
        communicator,
        firstRank: 0,
        firstNumber,
        count: communicator.remoteSize,
        rankInPool,
        abortsOthers: processEnding().abortsOthers,
        deadline,
        heartbeat,
      },
      events,
      {
        leaves: (worker) => {
          if (this.#areThere) events.leaves?.(worker);
        },
        lost: (worker, error) => {
          this.#lost++;
          this.#lastLoss = error;
          countEnded(mpi, 1, Promise.resolve()); // its slot is free
          if (this.#areThere) events.lost(worker, error);
        },
      },
    );
  }

  get size(): number {
    return this.#communicator.remoteSize;
  }

  /** As of the workers; one that is lost before is no loss to the pool. */
  async connected(): Promise<readonly WorkerLink[]> {
    const links = await this.workers.connected();
    this.#areThere = true;
    const loss = this.#lastLoss; // since the last of them has answered
    if (loss !== undefined) throw new SpawnError(loss.message, { cause: loss });
    return links;
  }

  /** Lets the workers go. */
  async end(): Promise<void> {
    const { allThere } = await this.workers.quit();
    // Disconnecting waits for every worker: with one missing, mpiexec would hang at the end.
    if (allThere) {
      const { addon } = this.#mpi;
      const disconnected = disconnect(addon, this.#communicator).then(() => true);
      // One may have died this moment.
      if (!(await settledWithin(endTimeout, disconnected))) processEnding().cannotFinalize();
    }
    // Not waited for: they finalize MPI while this program goes on.
    countEnded(this.#mpi, this.size - this.#lost, this.workers.ended(endTimeout));
  }
}
