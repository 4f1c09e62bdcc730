import { BrokenExecutorError, ExecutorShutdownError } from '../errors.js';
import type { Future } from '../futures/future.js';
import { createFuture, rejectFuture } from '../futures/future_control.js';
import { functionsFor } from '../pool/functions.js';
import { Pool } from '../pool/pool.js';
import type { Session } from '../pool/session.js';
import { sharedPool } from '../pool/shared_pool.js';
import { SpawnedWorkers } from '../pool/spawned_workers.js';
import type { AnyFunction } from '../tasks/values/functions.js';
import { validateBoolean, validateFunction, validateOptions } from '../validators.js';
import {
  mapTasks,
  splitMapArguments,
  starmapTasks,
  type MapOptions,
  type MapResults,
  type MapTarget,
  type Source,
  type Sources,
} from './map.js';
import { resolvePoolOptions, type PoolOptions, type ResolvedPoolOptions } from './options.js';
import { refuseWhileImporting } from './recursion.js';
import { encodeSetup } from './session_setup.js';
import { TaskEncoder, type Caller } from './task_encoder.js';

/** Of an input whose length is not known, so many elements per worker are taken ahead of the results. */
const tasksAheadPerWorker = 256;

export interface BootupOptions {
  /** Wait until the workers are ready. Default: true. */
  wait?: boolean;
}

export interface ShutdownOptions {
  /** Resolve when all tasks are done and the workers have ended, not at once. Default: true. */
  wait?: boolean;
  /** Cancel the tasks that have not been started. Default: false. */
  cancelFutures?: boolean;
}

/**
 * Runs functions on a pool of MPI processes, as mpi4py's `MPIPoolExecutor` does.
 *
 * Under the launcher (`mpiexec -n N mpi-futures app.js`) its workers are the other ranks, shared by all executors;
 * otherwise it spawns workers of its own with `MPI_Comm_spawn`, when the first task is submitted.
 */
export class PoolExecutor {
  readonly #options: ResolvedPoolOptions;
  readonly #encoder: TaskEncoder;
  #pool: Pool | undefined;
  #session: Session | undefined;
  #ending: Promise<void> | undefined;

  /**
   * @param maxWorkers - most workers to spawn; see {@link PoolOptions.maxWorkers}
   * @throws {TypeError | RangeError} for an option that is unknown or has a wrong value
   */
  constructor(maxWorkers: number, options?: PoolOptions);
  constructor(options?: PoolOptions);
  constructor(first: number | PoolOptions = {}, second: PoolOptions = {}) {
    this.#options = resolvePoolOptions(isOptions(first) ? first : { ...second, maxWorkers: first });
    this.#encoder = new TaskEncoder(functionsFor(this.#options), this.#options.codec);
  }

  /** Number of workers that are ready: 0 before the start, after `shutdown`, and when the executor is broken. */
  get numWorkers(): number {
    return this.#ending === undefined && this.#session?.broken === undefined
      ? (this.#pool?.size ?? 0)
      : 0;
  }

  /**
   * Schedules `fn(...args)` on a worker and returns a future of its result. The arguments are copied now.
   *
   * @throws {TypeError} if `fn` is not a function
   * @throws {ExecutorShutdownError} after `shutdown`
   * @throws {BrokenExecutorError} when no task can run any more
   */
  submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Future<Awaited<R>> {
    validateFunction(fn, 'fn');
    return this.#submit(this.#encoder.caller(fn), args, false) as Future<Awaited<R>>;
  }

  /**
   * Calls `fn` with the first elements of all sources, with the second ones, and so on, and gives the results in order.
   * Starts at the call. Ends with the shortest source. The last argument may be {@link MapOptions}.
   */
  map<A extends [unknown, ...unknown[]], R>(
    fn: (...args: A) => R,
    ...sources: Sources<A>
  ): MapResults<Awaited<R>>;
  map<A extends [unknown, ...unknown[]], R>(
    fn: (...args: A) => R,
    ...sourcesAndOptions: [...Sources<A>, MapOptions]
  ): MapResults<Awaited<R>>;
  map(fn: AnyFunction, ...sourcesAndOptions: unknown[]): MapResults<unknown> {
    validateFunction(fn, 'fn');
    this.#checkOpen();
    const { sources, options } = splitMapArguments(sourcesAndOptions);
    return mapTasks(this.#mapTarget(fn), sources, options);
  }

  /** As {@link map}, for arguments that are grouped already: `fn(...tuple)` for each tuple of the source. */
  starmap<A extends unknown[], R>(
    fn: (...args: A) => R,
    tuples: Source<Readonly<A>>,
    options: MapOptions = {},
  ): MapResults<Awaited<R>> {
    validateFunction(fn, 'fn');
    this.#checkOpen();
    return starmapTasks(this.#mapTarget(fn), tuples, options) as MapResults<Awaited<R>>;
  }

  /**
   * Starts the workers now rather than with the first task.
   *
   * @throws {ExecutorShutdownError} after `shutdown`
   * @throws {SpawnError | MPIUnavailableError | BrokenExecutorError} if they cannot be started, with `wait`
   */
  async bootup(options: BootupOptions = {}): Promise<this> {
    validateOptions(options, { of: 'bootup', names: ['wait'] });
    const { wait = true } = options;
    validateBoolean(wait, 'wait');
    if (this.#ending !== undefined) throw new ExecutorShutdownError('cannot bootup after shutdown');
    const { pool, session } = this.#start();
    if (!wait) return this;
    await pool.start();
    await session.ready();
    return this;
  }

  /** Takes no more tasks; ends the workers when all tasks are done. May be called again. */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    validateOptions(options, { of: 'shutdown', names: ['wait', 'cancelFutures'] });
    const { wait = true, cancelFutures = false } = options;
    validateBoolean(wait, 'wait');
    validateBoolean(cancelFutures, 'cancelFutures');
    if (cancelFutures) this.#session?.cancelQueued();
    this.#ending ??= this.#end();
    if (wait) await this.#ending;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  #submit(caller: Caller, args: unknown, isChunk: boolean): Future<unknown> {
    this.#checkOpen();
    const { pool, session } = this.#start();
    if (session.broken !== undefined) throw brokenBy(session.broken);
    try {
      return session.submit(this.#encoder.encode(caller(), args, isChunk, pool.snapshot));
    } catch (error) {
      const failed = createFuture<unknown>(session);
      rejectFuture(failed, error);
      return failed;
    }
  }

  #checkOpen(): void {
    if (this.#ending !== undefined) throw new ExecutorShutdownError();
    if (this.#session?.broken !== undefined) throw brokenBy(this.#session.broken);
  }

  #mapTarget(fn: AnyFunction): MapTarget<unknown> {
    this.#start(); // MPI starts while the function is looked up
    const caller = this.#encoder.callerAsOfNow(fn);
    return {
      submit: (args) => this.#submit(caller, args, false),
      submitChunk: (argumentLists) =>
        this.#submit(caller, argumentLists, true) as Future<unknown[]>,
      defaultWindow: () =>
        tasksAheadPerWorker * Math.max(this.numWorkers, this.#options.maxWorkers ?? 1),
    };
  }

  #start(): { pool: Pool; session: Session } {
    if (this.#pool !== undefined && this.#session !== undefined)
      return { pool: this.#pool, session: this.#session };
    refuseWhileImporting();
    const pool = sharedPool() ?? new Pool(new SpawnedWorkers(this.#options));
    const session = this.#openSession(pool);
    this.#pool = pool;
    this.#session = session;
    void pool.start();
    return { pool, session };
  }

  #openSession(pool: Pool): Session {
    const { options, problem } = encodeSetup(this.#options, this.#encoder.functions);
    const session = pool.openSession(options);
    if (problem !== undefined) session.break(problem);
    return session;
  }

  async #end(): Promise<void> {
    const pool = this.#pool;
    const session = this.#session;
    if (pool === undefined || session === undefined) return;
    await pool.start();
    await session.finished();
    await session.ready().catch(() => undefined);
    pool.closeSession(session);
    if (pool !== sharedPool()) await pool.stop();
    // Whoever waited for the end may look at the futures before anybody is warned of those not looked at.
    setImmediate(() => {
      session.unobservedFailures.warn('PoolExecutor');
    });
  }
}

function isOptions(first: number | PoolOptions): first is PoolOptions {
  return typeof first === 'object';
}

function brokenBy(cause: Error): BrokenExecutorError {
  const message = `The executor is broken: ${cause.message}`;
  return cause instanceof BrokenExecutorError && cause.constructor === BrokenExecutorError
    ? new BrokenExecutorError(cause.message, { cause: cause.cause })
    : new BrokenExecutorError(message, { cause });
}
