/** Workers started with MPI_Comm_spawn. */

import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

import { SpawnError } from '../errors.js';
import { packageFile } from '../package_files.js';
import type { NativeCommunicator } from '../mpi/addon.js';
import { processEnding } from '../mpi/ending.js';
import { toMpiError, type MpiProcess } from '../mpi/mpi_process.js';
import { ConnectedWorkers } from './connected_workers.js';
import { settledWithin } from './deadline.js';
import { inheritedFlags } from './inherited_flags.js';
import { MpiWorkers } from './mpi_workers.js';
import { checkSpawnIsPossible, countEnded, countSpawned } from './spawn_checks.js';
import type { WorkerEvents, WorkerIdentity } from './worker_source.js';

export interface SpawnOptions {
  /** Number of workers; default: universe size − world size, at least 1. */
  readonly maxWorkers: number | undefined;
  readonly execPath: string | undefined;
  readonly execArgv: readonly string[];
  /** MPI_Info for the spawn; default `{ soft: '1:N' }`. */
  readonly mpiInfo: Readonly<Record<string, string>> | undefined;
  /** Milliseconds until the workers must be ready. */
  readonly bootTimeout: number;
  /** Milliseconds. */
  readonly backoff: number;
}

/** Milliseconds for all workers to disconnect, and to end, after they were told to. */
const endTimeout = 5000;

const workerMain = packageFile('dist/worker/main.js');

export class SpawnedWorkers extends MpiWorkers {
  readonly #options: SpawnOptions;
  #communicator: NativeCommunicator | undefined;

  constructor(options: SpawnOptions) {
    super();
    this.#options = options;
  }

  protected async connect(mpi: MpiProcess, events: WorkerEvents): Promise<ConnectedWorkers> {
    mpi.addon.setBackoff(this.#options.backoff);
    const bootEnd = performance.now() + this.#options.bootTimeout;
    const communicator = await this.#spawn(mpi);
    this.#communicator = communicator;
    countSpawned(communicator.remoteSize);
    return new ConnectedWorkers(
      {
        mpi,
        communicator,
        firstRank: 0,
        count: communicator.remoteSize,
        abortsOthers: processEnding().abortsOthers,
        deadline: Math.max(bootEnd - performance.now(), 0),
      },
      events,
    );
  }

  protected override connected(workers: ConnectedWorkers): Promise<readonly WorkerIdentity[]> {
    return workers.connected().catch(failSpawn);
  }

  protected async disconnect(mpi: MpiProcess, workers: ConnectedWorkers): Promise<void> {
    const { allThere } = await workers.quit();
    if (this.#communicator === undefined) return;
    // Disconnecting waits for every worker: with one missing, mpiexec would hang at the end.
    if (allThere) {
      const disconnected = mpi.addon.disconnect(this.#communicator.id).then(() => true);
      // One may have died this moment.
      if (!(await settledWithin(endTimeout, disconnected))) processEnding().cannotFinalize();
    }
    // Not waited for: they finalize MPI while this program goes on.
    countEnded(this.#communicator.remoteSize, workers.ended(endTimeout));
  }

  async #spawn(mpi: MpiProcess): Promise<NativeCommunicator> {
    const { bootTimeout, mpiInfo, execPath = process.execPath, execArgv } = this.#options;
    const count = this.#options.maxWorkers ?? Math.max(mpi.universeSize - mpi.world.size, 1);
    checkExecutable(execPath);
    await checkSpawnIsPossible(mpi, count, mpiInfo !== undefined);
    const info = Object.entries(mpiInfo ?? { soft: `1:${count}` }).flat();
    const args = [...inheritedFlags(), ...execArgv, workerMain];
    return within(bootTimeout, mpi.addon.spawn(execPath, args, count, info));
  }
}

/** A spawn that fails usually hangs instead. */
async function within(
  deadline: number,
  spawned: Promise<NativeCommunicator>,
): Promise<NativeCommunicator> {
  try {
    const communicator = await settledWithin(deadline, spawned);
    if (communicator !== undefined) return communicator;
  } catch (error) {
    return failSpawn(error);
  }
  const message = `MPI_Comm_spawn has not returned within ${deadline} ms; see what mpiexec printed`;
  return failSpawn(new SpawnError(message));
}

// After a failed spawn MPI_Finalize succeeds, but mpiexec then hangs.
function failSpawn(error: unknown): never {
  processEnding().spawnFailed();
  if (error instanceof SpawnError) throw error;
  const cause = toMpiError(error);
  throw new SpawnError(
    `Workers could not be spawned: ${cause instanceof Error ? cause.message : String(cause)}`,
    {
      cause,
    },
  );
}

function checkExecutable(execPath: string): void {
  const candidates =
    isAbsolute(execPath) || execPath.includes('/')
      ? [execPath]
      : (process.env.PATH ?? '').split(delimiter).map((directory) => join(directory, execPath));
  if (candidates.some(isExecutable)) return;
  throw new SpawnError(`Expected an executable file for execPath but received '${execPath}'`);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
