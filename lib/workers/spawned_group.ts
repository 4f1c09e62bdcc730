/** The workers of one MPI_Comm_spawn. A pool has one such group, and one more for each worker that was replaced. */

import { SpawnError, type WorkerLostError } from '../errors.js';
import type { NativeCommunicator } from '../addon/addon.js';
import { processEnding } from '../addon/ending.js';
import { disconnect, type MpiProcess } from '../addon/mpi_process.js';
import { ConnectedWorkers } from './connected_workers.js';
import { settledWithin } from '../futures/wait_limits.js';
import { countEnded, countSpawned } from '../addon/spawn_checks.js';
import type { WorkerEvents, WorkerLink } from './worker_source.js';

/** Milliseconds for all workers to disconnect and end after they were told to. */
const endTimeout = 5000;

/** The place of the workers in their pool, and the time limits. */
export interface GroupOptions {
  /** The number of the first worker in the pool, which is its rank there; the others follow. */
  readonly firstNumber: number;
  /** Milliseconds until all workers must have said hello. */
  readonly deadline: number;
  /** Milliseconds of silence after which a worker that cannot be watched is lost. */
  readonly heartbeat: number;
  /** True if the tasks of the workers run in sandboxes. */
  readonly isolates: boolean;
}

/** The communicator to the workers of one spawn, and the number of them that were lost. */
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
    { firstNumber, deadline, heartbeat, isolates }: GroupOptions,
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
        abortsOthers: processEnding().abortsOthers,
        deadline,
        heartbeat,
        isolates,
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

  /** Resolves when the workers have said hello. A worker that is lost before that is no loss to the pool. */
  async connected(): Promise<readonly WorkerLink[]> {
    const links = await this.workers.connected();
    this.#areThere = true;
    const loss = this.#lastLoss; // since the last of them has answered
    if (loss !== undefined) throw new SpawnError(loss.message, { cause: loss });
    return links;
  }

  /** Releases the workers. */
  async end(): Promise<void> {
    const { allThere } = await this.workers.quit(this.#areThere);
    // Disconnecting waits for every worker: with one missing, mpiexec would hang at the end.
    if (allThere) {
      const { addon } = this.#mpi;
      const disconnected = disconnect(addon, this.#communicator).then(() => true);
      // One may have died this moment.
      if (!(await settledWithin(endTimeout, disconnected))) processEnding().cannotFinalize();
    } else {
      // Waits for nobody. A worker that has such a pool would wait for the dead in MPI_Finalize.
      const freed = this.#mpi.addon.free(this.#communicator.id).catch(() => undefined);
      await settledWithin(endTimeout, freed);
    }
    // Not awaited: they finalize MPI while this program goes on.
    countEnded(this.#mpi, this.size - this.#lost, this.workers.ended(endTimeout));
  }
}
