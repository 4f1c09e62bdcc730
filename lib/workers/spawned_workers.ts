/** Workers started with MPI_Comm_spawn. */

import { SpawnError, WorkerLostError } from '../errors.js';
import { packageFile } from '../package_files.js';
import { Turns } from '../turns.js';
import type { Addon, NativeCommunicator } from '../addon/addon.js';
import { processEnding } from '../addon/ending.js';
import { hold, release } from '../addon/keep_alive.js';
import { launcher } from '../addon/launcher.js';
import { loadedAddon, startMpi, toMpiError, type MpiProcess } from '../addon/mpi_process.js';
import { askForRecovery } from '../addon/recovery.js';
import { silentAddress, StartingWorkers } from './starting_workers.js';
import type { ConnectedWorkers } from './connected_workers.js';
import { settledWithin } from '../futures/wait_limits.js';
import { isExecutable, isOnPath } from '../process/executables.js';
import { inheritedFlags } from './inherited_flags.js';
import { MpiWorkers } from './mpi_workers.js';
import {
  adviceOnFailure,
  checkSpawnIsPossible,
  isSpawnSurelyPossible,
} from '../addon/spawn_checks.js';
import { warnIfSlow } from './slow_start.js';
import { giveUpSpawn, spawnInTurn } from '../addon/spawn_turn.js';
import { SpawnedGroup } from './spawned_group.js';
import { defaultWorkerCount } from './worker_count.js';
import type { WorkerEvents, WorkerLink } from './worker_source.js';

/** The options of an executor that concern its spawn. */
export interface SpawnOptions {
  /** The number of workers; default: universe size − world size, at least 1. */
  readonly maxWorkers: number | undefined;
  readonly execPath: string | undefined;
  readonly execArgv: readonly string[];
  /** MPI_Info for the spawn; default `{ soft: '1:N' }`. */
  readonly mpiInfo: Readonly<Record<string, string>> | undefined;
  /** Milliseconds until the workers must be ready. */
  readonly bootTimeout: number;
  /** True if the program, and not this package, has set `bootTimeout`. */
  readonly isBootTimeoutGiven: boolean;
  /** True if a worker that dies is replaced; default: where the MPI survives its death. */
  readonly restart: boolean | undefined;
  /** The longest pause between two checks for messages, in milliseconds. */
  readonly backoff: number;
  /** The limit of silence, in milliseconds. */
  readonly heartbeat: number;
  /** True if the tasks run in sandboxes. */
  readonly isolate: boolean;
}

/** A spawn that has begun. */
interface Beginning {
  readonly spawned: Promise<NativeCommunicator>;
  readonly starting: Promise<StartingWorkers>;
}

/** Milliseconds to wait for a replacement that is still starting when the pool ends. */
const arrivalTimeout = 5000;

const workerMain = packageFile('dist/worker/main.js');

/** Spawns the workers, and replaces those that die, if the MPI survives that. */
export class SpawnedWorkers extends MpiWorkers {
  readonly #options: SpawnOptions;
  #events: WorkerEvents | undefined;
  #mpi: MpiProcess | undefined;
  #first: SpawnedGroup | undefined;
  readonly #replacements: SpawnedGroup[] = [];
  #begun: Beginning | undefined;
  #starting: StartingWorkers | undefined;
  #isSpawning = false;
  readonly #arrivals = new Turns();
  #ending = false;
  #ended = false;

  constructor(options: SpawnOptions) {
    super();
    this.#options = options;
  }

  override replace(lost: number): Promise<WorkerLink> | undefined {
    for (const group of this.#groups()) {
      const coming = group.workers.replace(lost);
      if (coming !== undefined) return coming;
    }
    const mpi = this.#mpi;
    const events = this.#events;
    if (mpi === undefined || events === undefined || !this.#restarts()) return undefined;
    return this.#replaceInTurn(mpi, events, lost);
  }

  /** Replaces one worker at a time. */
  async #replaceInTurn(mpi: MpiProcess, events: WorkerEvents, lost: number): Promise<WorkerLink> {
    const turn = this.#arrivals.take();
    try {
      await turn.begins;
      return await this.#replace(mpi, events, lost);
    } finally {
      turn.end();
    }
  }

  protected override startMpi(): Promise<MpiProcess> {
    if (this.#options.restart === true) askForRecovery();
    return startMpi(undefined, (addon) => {
      this.#spawnAtOnce(addon);
    });
  }

  protected async connect(mpi: MpiProcess, events: WorkerEvents): Promise<ConnectedWorkers> {
    this.#mpi = mpi;
    this.#events = events;
    if (this.#options.restart === true && !processEnding().survivesLosses) warnOfNoRestart();
    mpi.addon.setBackoff(this.#options.backoff);
    const bootEnd = performance.now() + this.#options.bootTimeout;
    const count = this.#options.maxWorkers ?? defaultWorkerCount(mpi);
    const communicator = await this.#spawnFirst(mpi, count);
    this.#first = new SpawnedGroup(mpi, communicator, events, {
      firstNumber: 0,
      deadline: Math.max(bootEnd - performance.now(), 0),
      heartbeat: this.#options.heartbeat,
      isolates: this.#options.isolate,
    });
    return this.#first.workers;
  }

  protected override async connected(workers: ConnectedWorkers): Promise<readonly WorkerLink[]> {
    const connected = (this.#first ?? workers).connected();
    try {
      return await (this.#starting?.during(connected) ?? connected);
    } catch (error) {
      return failSpawn(error);
    } finally {
      this.#starting?.stop();
    }
  }

  protected async disconnect(): Promise<void> {
    this.#ending = true;
    await settledWithin(arrivalTimeout, this.#arrivals.over());
    this.#ended = true;
    await Promise.all(this.#groups().map((group) => group.end()));
  }

  #groups(): SpawnedGroup[] {
    return this.#first === undefined ? [] : [this.#first, ...this.#replacements];
  }

  #restarts(): boolean {
    return processEnding().survivesLosses && this.#options.restart !== false;
  }

  async #replace(mpi: MpiProcess, events: WorkerEvents, lost: number): Promise<WorkerLink> {
    if (this.#ending) throw new SpawnError('The pool has ended');
    const over = warnIfSlow(this.#options.bootTimeout, () => 'A lost worker has not been replaced');
    try {
      return await this.#putInPlace(mpi, events, lost);
    } finally {
      over();
    }
  }

  async #putInPlace(mpi: MpiProcess, events: WorkerEvents, lost: number): Promise<WorkerLink> {
    const communicator = await this.#spawnReplacement(mpi);
    const { heartbeat, isolate: isolates, bootTimeout: deadline } = this.#options;
    const options = { firstNumber: lost, deadline, heartbeat, isolates };
    const group = new SpawnedGroup(mpi, communicator, events, options);
    hold(mpi.addon); // nobody rings for its first message
    try {
      const [worker] = await group.connected();
      this.#replacements.push(group);
      return worker!;
    } catch (error) {
      if (error instanceof SpawnError && error.cause instanceof WorkerLostError) throw error;
      return failSpawn(error);
    } finally {
      release(mpi.addon);
      // It came too late, or not at all.
      if (this.#ended || this.#replacements.at(-1) !== group) group.end().catch(warnOfFailure);
    }
  }

  /**
   * Spawns while MPI is still starting and the first function is being described, which takes longer, if the spawn
   * needs no answer of MPI.
   */
  #spawnAtOnce(addon: Addon): void {
    const { maxWorkers, mpiInfo, execPath } = this.#options;
    if (maxWorkers === undefined || mpiInfo !== undefined || !isCommand(execPath)) return;
    if (!isSpawnSurelyPossible(loadedAddon().library, maxWorkers)) return;
    this.#begun = this.#beginWatched(addon, maxWorkers);
  }

  async #spawnFirst(mpi: MpiProcess, count: number): Promise<NativeCommunicator> {
    if (this.#begun === undefined) await this.#checkSpawn(mpi, count);
    const { spawned, starting } = this.#begun ?? this.#beginWatched(mpi.addon, count);
    this.#starting = await starting;
    const fail = (error: unknown): never => failSpawn(error, adviceOnFailure(mpi, count));
    try {
      return await within(this.#options.bootTimeout, this.#starting.during(spawned), fail);
    } catch (error) {
      this.#starting.stop();
      if (this.#isSpawning) giveUpSpawn();
      throw error;
    }
  }

  // A failed replacement is tried again: lib/addon/recovery.ts has the limit.
  async #spawnReplacement(mpi: MpiProcess): Promise<NativeCommunicator> {
    await this.#checkSpawn(mpi, 1);
    const spawned = spawnInTurn(() => this.#begin(mpi.addon, 1, silentAddress()));
    return within(this.#options.bootTimeout, spawned, (error) =>
      failReplacement(error, adviceOnFailure(mpi, 1)),
    );
  }

  async #checkSpawn(mpi: MpiProcess, count: number): Promise<void> {
    const { mpiInfo, execPath } = this.#options;
    if (!isCommand(execPath))
      throw new SpawnError(
        `Expected an executable file for execPath but received '${execPath ?? process.execPath}'`,
      );
    await checkSpawnIsPossible(mpi, count, mpiInfo !== undefined);
  }

  #beginWatched(addon: Addon, count: number): Beginning {
    const { bootTimeout, isBootTimeoutGiven, mpiInfo } = this.#options;
    const placed = mpiInfo !== undefined;
    const starting = StartingWorkers.listen({
      count,
      placed,
      bootTimeout,
      mayGiveUp: !isBootTimeoutGiven,
    });
    const spawned = starting.then((listening) =>
      spawnInTurn(() => {
        void startMpi().then(
          () => {
            listening.expect();
          },
          () => undefined, // reported by the code that has started it
        );
        this.#isSpawning = true;
        return this.#begin(addon, count, listening.address);
      }),
    );
    const returned = (): void => void (this.#isSpawning = false);
    spawned.then(returned, returned); // a failure is reported when MPI has started
    return { spawned, starting };
  }

  /** @param masterAddress - an argument of the workers */
  #begin(addon: Addon, count: number, masterAddress: string): Promise<NativeCommunicator> {
    const {
      mpiInfo = { soft: `1:${count}`, ...placement() },
      execPath = process.execPath,
      execArgv,
    } = this.#options;
    const commandLine = [execPath, ...inheritedFlags(), ...execArgv, workerMain, masterAddress];
    const [command = '', ...args] = [...withNodeOptions(), ...commandLine];
    return addon.spawn(command, args, count, Object.entries(mpiInfo).flat());
  }
}

/**
 * The beginning of the workers' command, which sets NODE_OPTIONS: workers inherit the environment of mpiexec, but a
 * program that mpiexec starts first, such as yarn, may have set this variable after it.
 */
function withNodeOptions(): string[] {
  const { NODE_OPTIONS } = process.env;
  return launcher.size > 0 && NODE_OPTIONS ? [env, `NODE_OPTIONS=${NODE_OPTIONS}`] : [];
}

const env = '/usr/bin/env';

/**
 * Turns off binding. Open MPI 5 and later bind each worker, with all its threads, to a core of its own, and end the job
 * if there are fewer cores than slots.
 */
function placement(): Readonly<Record<string, string>> {
  const { implementation, major } = loadedAddon().library;
  return implementation === 'openmpi' && major >= 5 ? { bind_to: 'none' } : {};
}

function warnOfFailure(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}

function warnOfNoRestart(): void {
  process.emitWarning(
    'restart: true has no effect here: the MPI ends all processes when a worker dies. ' +
      'With Open MPI 4, start the program by: mpiexec --enable-recovery …',
    { type: 'MPIFuturesWarning', code: 'MPI_FUTURES_NO_RESTART' },
  );
}

/** Gives a spawn a time limit, because a spawn that fails usually hangs. */
async function within(
  deadline: number,
  spawned: Promise<NativeCommunicator>,
  fail: (error: unknown) => never,
): Promise<NativeCommunicator> {
  try {
    const communicator = await settledWithin(deadline, spawned);
    if (communicator !== undefined) return communicator;
  } catch (error) {
    return fail(error);
  }
  const message = `MPI_Comm_spawn has not returned within ${deadline} ms; see what mpiexec printed`;
  return failSpawn(new SpawnError(message));
}

// After a failed spawn MPI_Finalize succeeds, but mpiexec then hangs.
function failSpawn(error: unknown, advice = ''): never {
  processEnding().spawnFailed();
  throw toSpawnError(error, advice);
}

// Under recovery the process that did not start ends (lib/addon/recovery.ts), and mpiexec goes on.
function failReplacement(error: unknown, advice: string): never {
  throw toSpawnError(error, advice);
}

function toSpawnError(error: unknown, advice: string): SpawnError {
  if (error instanceof SpawnError) return error;
  const cause = toMpiError(error);
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SpawnError(`Workers could not be spawned: ${reason}${advice}`, { cause });
}

function isCommand(execPath = process.execPath): boolean {
  return execPath.includes('/') ? isExecutable(execPath) : isOnPath(execPath);
}
