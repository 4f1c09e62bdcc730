/**
 * The source of workers that are MPI processes. Its subclasses define how they are started, and how they are released.
 */

import { hold, release } from '../addon/keep_alive.js';
import { startMpi, type MpiProcess } from '../addon/mpi_process.js';
import { snapshotWith } from '../addon/large_snapshot.js';
import { isWorker } from '../process/program_or_worker.js';
import { plainSnapshot, type Snapshot } from '../values/buffers/snapshot.js';
import { warnOnce } from '../warn_once.js';
import type { ConnectedWorkers } from './connected_workers.js';
import { warnIfSlow } from './slow_start.js';
import type { WorkerEvents, WorkerLink, WorkerSource } from './worker_source.js';

const threadLevels = ['MPI_THREAD_SINGLE', 'MPI_THREAD_FUNNELED', 'MPI_THREAD_SERIALIZED'];
const serialized = 2;

/** Starts MPI, connects to the workers, and keeps the program alive while it waits for them. */
export abstract class MpiWorkers implements WorkerSource {
  snapshot: Snapshot = plainSnapshot;
  #mpi: MpiProcess | undefined;
  #workers: ConnectedWorkers | undefined;

  async start(events: WorkerEvents): Promise<readonly WorkerLink[]> {
    const mpi = await this.startMpi();
    this.#mpi = mpi;
    warnOfThreadLevel(mpi);
    this.snapshot = snapshotWith(mpi.addon);
    hold(mpi.addon);
    try {
      this.#workers = await this.connect(mpi, events);
      return await this.connected(this.#workers);
    } finally {
      release(mpi.addon);
    }
  }

  /** Starts another sandbox, if that of the lost worker has ended. */
  replace(lost: number): Promise<WorkerLink> | undefined {
    return this.#workers?.replace(lost);
  }

  keepAlive(on: boolean): void {
    if (this.#mpi === undefined) return;
    if (on) hold(this.#mpi.addon);
    else release(this.#mpi.addon);
  }

  async stop(): Promise<void> {
    if (this.#mpi === undefined || this.#workers === undefined) return;
    this.keepAlive(true);
    try {
      await this.disconnect(this.#mpi, this.#workers);
    } finally {
      this.keepAlive(false);
    }
  }

  protected startMpi(): Promise<MpiProcess> {
    return startMpi();
  }

  /** Opens the channel to the workers. */
  protected abstract connect(mpi: MpiProcess, events: WorkerEvents): Promise<ConnectedWorkers>;

  /** Waits until all workers have answered. */
  protected async connected(workers: ConnectedWorkers): Promise<readonly WorkerLink[]> {
    const over = warnIfSlow(workers.deadline, () => workers.waitsFor());
    try {
      return await workers.connected();
    } finally {
      over();
    }
  }

  /** Releases the workers. */
  protected abstract disconnect(mpi: MpiProcess, workers: ConnectedWorkers): Promise<void>;
}

/** Warns once, in the program and not in its workers, if MPI gives less than MPI_THREAD_SERIALIZED. */
function warnOfThreadLevel({ threadLevel }: MpiProcess): void {
  if (threadLevel >= serialized || isWorker()) return;
  const asked = process.env.MPI_FUTURES_THREAD_LEVEL;
  const advice = asked
    ? `unset MPI_FUTURES_THREAD_LEVEL, which asks for '${asked}', or set it to serialized or multiple`
    : 'use an MPI that was built with support for threads';
  warnOnce(
    `The level of thread support in MPI should be at least ${threadLevels[serialized]} but is ${threadLevels[threadLevel]}: ` +
      `all MPI calls are made by one thread, and messages are slower. To change that, ${advice}.`,
    { type: 'MPIThreadLevelWarning', code: 'MPI_FUTURES_THREAD_LEVEL' },
  );
}
