/** Workers that the launcher started together with this process: all other ranks of the world. */

import type { NativeCommunicator } from '../addon/addon.js';
import { endingIfLoaded, processEnding } from '../addon/ending.js';
import type { MpiProcess } from '../addon/mpi_process.js';
import { takeWorld } from '../addon/world_turn.js';
import { ConnectedWorkers } from './connected_workers.js';
import { MpiWorkers } from './mpi_workers.js';
import { warnIfSlow } from './slow_start.js';
import type { WorkerEvents, WorkerLink } from './worker_source.js';

/** The limit of silence in milliseconds. */
export const defaultHeartbeat = 15_000;

/** All ranks but 0 of MPI_COMM_WORLD, which all executors of the program share. */
export class StaticWorkers extends MpiWorkers {
  readonly #bootTimeout: number;
  #heartbeat = defaultHeartbeat;
  #isFirst = true;
  #isolates = false;
  #workers: ConnectedWorkers | undefined;
  #duplicated: Promise<NativeCommunicator> | undefined;

  constructor(bootTimeout: number) {
    super();
    this.#bootTimeout = bootTimeout;
  }

  protected override startMpi(): Promise<MpiProcess> {
    const starting = super.startMpi();
    const ending = endingIfLoaded();
    ending?.leads();
    ending?.connecting(true);
    this.#duplicated = starting.then(({ addon, world }) => addon.duplicate(world.id));
    takeWorld(this.#duplicated);
    return starting;
  }

  protected async connect(mpi: MpiProcess, events: WorkerEvents): Promise<ConnectedWorkers> {
    const communicator = await this.#connectRanks(mpi);
    return (this.#workers = new ConnectedWorkers(
      {
        mpi,
        communicator,
        firstRank: 1,
        firstNumber: 0,
        count: communicator.size - 1,
        abortsOthers: processEnding().abortsOthers,
        deadline: this.#bootTimeout,
        heartbeat: this.#heartbeat,
        isolates: this.#isolates,
      },
      events,
    ));
  }

  /** Collective: the workers do the same when they start. Messages of the user's own never meet ours. */
  async #connectRanks({ addon }: MpiProcess): Promise<NativeCommunicator> {
    const state = 'MPI has started in all ranks, but not all of them have connected to this one';
    const over = warnIfSlow(this.#bootTimeout, () => state);
    try {
      const communicator = await this.#duplicated!;
      await addon.split(communicator.id, -1, 0); // the workers have one without this process
      return communicator;
    } finally {
      over();
    }
  }

  protected override async connected(workers: ConnectedWorkers): Promise<readonly WorkerLink[]> {
    const links = await super.connected(workers);
    processEnding().connecting(false);
    return links;
  }

  /** Sets the limit that the first executor wants, because the workers exist before any executor. */
  setHeartbeat(limit: number): void {
    if (!this.#isFirst) return;
    this.#isFirst = false;
    this.#heartbeat = limit;
    this.#workers?.setHeartbeat(limit);
  }

  isolate(): void {
    this.#isolates = true;
    this.#workers?.isolate();
  }

  /** Does nothing: these workers live as long as the program, and lib/addon/ending.ts ends them with it. */
  protected disconnect(): Promise<void> {
    return Promise.resolve();
  }
}
