/** Workers that the launcher started together with this process: all other ranks of the world. */

import { endingIfLoaded, processEnding } from '../mpi/ending.js';
import { hold, release } from '../mpi/keep_alive.js';
import { startMpi, type MpiProcess } from '../mpi/mpi_process.js';
import { snapshotWith } from '../mpi/snapshot.js';
import type { Snapshot } from '../tasks/structured.js';
import { plainSnapshot } from '../tasks/values.js';
import { ConnectedWorkers } from './connected_workers.js';
import type { WorkerEvents, WorkerIdentity, WorkerSource } from './worker_source.js';

export class StaticWorkers implements WorkerSource {
  readonly #bootTimeout: number;
  #mpi: MpiProcess | undefined;
  #workers: ConnectedWorkers | undefined;
  snapshot: Snapshot = plainSnapshot;

  constructor(bootTimeout: number) {
    this.#bootTimeout = bootTimeout;
  }

  async start(events: WorkerEvents): Promise<readonly WorkerIdentity[]> {
    const starting = startMpi();
    endingIfLoaded()?.connecting(true);
    const mpi = await starting;
    this.#mpi = mpi;
    this.snapshot = snapshotWith(mpi.addon);
    hold(mpi.addon);
    try {
      // Collective: the workers do the same when they start. Messages of the user's own never meet ours.
      const communicator = await mpi.addon.duplicate(mpi.world.id);
      this.#workers = new ConnectedWorkers(
        {
          mpi,
          communicator,
          firstRank: 1,
          count: communicator.size - 1,
          abortsOthers: true,
          deadline: this.#bootTimeout,
        },
        events,
      );
      const workers = await this.#workers.connected();
      processEnding().connecting(false);
      return workers;
    } finally {
      release(mpi.addon);
    }
  }

  send(
    worker: number,
    payload: Uint8Array,
    length: number,
    buffers?: readonly ArrayBuffer[],
  ): void {
    this.#workers?.send(worker, payload, length, buffers);
  }

  keepAlive(on: boolean): void {
    if (this.#mpi === undefined) return;
    if (on) hold(this.#mpi.addon);
    else release(this.#mpi.addon);
  }

  /** They live as long as the program: lib/mpi/ending.ts ends them with it. */
  stop(): Promise<void> {
    return Promise.resolve();
  }
}
