/** Workers started with MPI_Comm_spawn. */

import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { SpawnError } from '../errors.js';
import type { NativeCommunicator } from '../mpi/addon.js';
import { processEnding } from '../mpi/ending.js';
import { hold, release } from '../mpi/keep_alive.js';
import { detectLauncher } from '../mpi/launcher.js';
import { startMpi, toMpiError, type MpiProcess } from '../mpi/mpi_process.js';
import { snapshotWith } from '../mpi/snapshot.js';
import { plainSnapshot } from '../tasks/values.js';
import type { Snapshot } from '../tasks/structured.js';
import { ConnectedWorkers } from './connected_workers.js';
import { checkSpawnIsPossible, countSpawned } from './spawn_checks.js';
import type { WorkerEvents, WorkerIdentity, WorkerSource } from './worker_source.js';

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

const workerMain = fileURLToPath(new URL('../worker/main.js', import.meta.url));

export class SpawnedWorkers implements WorkerSource {
  readonly #options: SpawnOptions;
  #mpi: MpiProcess | undefined;
  #communicator: NativeCommunicator | undefined;
  #workers: ConnectedWorkers | undefined;
  snapshot: Snapshot = plainSnapshot;

  constructor(options: SpawnOptions) {
    this.#options = options;
  }

  async start(events: WorkerEvents): Promise<readonly WorkerIdentity[]> {
    const mpi = await startMpi();
    this.#mpi = mpi;
    this.snapshot = snapshotWith(mpi.addon);
    mpi.addon.setBackoff(this.#options.backoff);
    hold(mpi.addon);
    try {
      return await this.#spawn(mpi, events);
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

  async stop(): Promise<void> {
    if (this.#mpi === undefined || this.#workers === undefined || this.#communicator === undefined)
      return;
    this.keepAlive(true);
    try {
      const { allThere } = await this.#workers.quit();
      // Disconnecting waits for every worker: with one missing, mpiexec would hang at the end.
      if (allThere) await this.#mpi.addon.disconnect(this.#communicator.id);
    } finally {
      this.keepAlive(false);
    }
  }

  async #spawn(mpi: MpiProcess, events: WorkerEvents): Promise<readonly WorkerIdentity[]> {
    const { bootTimeout, mpiInfo, execPath = process.execPath, execArgv } = this.#options;
    const until = performance.now() + bootTimeout;
    const count = this.#options.maxWorkers ?? Math.max(mpi.universeSize - mpi.world.size, 1);
    checkExecutable(execPath);
    await checkSpawnIsPossible(mpi, count, mpiInfo !== undefined);
    const info = Object.entries(mpiInfo ?? { soft: `1:${count}` }).flat();
    const spawned = mpi.addon.spawn(
      execPath,
      [...inheritedFlags(), ...execArgv, workerMain],
      count,
      info,
    );
    this.#communicator = await within(bootTimeout, spawned);
    countSpawned(this.#communicator.remoteSize);
    this.#workers = new ConnectedWorkers(
      {
        mpi,
        communicator: this.#communicator,
        firstRank: 0,
        count: this.#communicator.remoteSize,
        abortsOthers: detectLauncher().size > 0,
        deadline: Math.max(until - performance.now(), 0),
      },
      events,
    );
    return this.#workers.connected().catch(failSpawn);
  }
}

/** A spawn that fails usually hangs instead. */
async function within(
  deadline: number,
  spawned: Promise<NativeCommunicator>,
): Promise<NativeCommunicator> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new SpawnError(
          `MPI_Comm_spawn has not returned within ${deadline} ms; see what mpiexec printed`,
        ),
      );
    }, deadline);
  });
  try {
    return await Promise.race([spawned, late]);
  } catch (error) {
    return failSpawn(error);
  } finally {
    clearTimeout(timer);
  }
}

// After a failed spawn MPI_Finalize succeeds, but mpiexec then hangs.
function failSpawn(error: unknown): never {
  processEnding().cannotFinalize();
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

const flagsOfThisProgram =
  /^(--eval|--print|--input-type|--inspect\S*|--check|--interactive|--test\S*|--watch\S*)(=|$)/;
const shortFlagsOfThisProgram = new Set(['-e', '-p', '-pe', '-c', '-i']);

/** The flags of this process that workers need too: not those that say what this program is, or open its debugger. */
function inheritedFlags(): string[] {
  const flags: string[] = [];
  const given = process.execArgv;
  for (let at = 0; at < given.length; at++) {
    const flag = given[at] ?? '';
    const takesNext = ['-e', '-p', '-pe', '--eval', '--print', '--input-type'].includes(flag);
    if (flag === '--import' && /[/\\]run(\.js)?$/.test(given[at + 1] ?? '')) at++;
    else if (flagsOfThisProgram.test(flag) || shortFlagsOfThisProgram.has(flag))
      at += takesNext ? 1 : 0;
    else if (!/^--import=.*[/\\]run(\.js)?$/.test(flag)) flags.push(flag);
  }
  return flags;
}
