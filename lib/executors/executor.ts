import { functionsFor } from '../pool/functions.js';
import type { Pool } from '../pool/pool.js';
import type { ExecutorStatistics } from '../pool/statistics.js';
import { defaultKillAfter } from '../futures/kill.js';
import {
  validateBoolean,
  validateOptions,
  validateTimeout,
  type KnownOptions,
} from '../validators.js';
import { Trace } from '../tracing/trace.js';
import { Lifecycle, type Running } from './lifecycle.js';
import type { ResolvedPoolOptions } from './options.js';
import { encodeSetup } from './client_setup.js';
import { Submitter } from './submitter.js';
import { TaskEncoder } from './task_encoder.js';

/** Options of {@link Executor.bootup}. */
export interface BootupOptions {
  /** True: the promise resolves when all workers are ready. False: at once. Default: true. */
  wait?: boolean;
}

/** Options of {@link Executor.shutdown}. */
export interface ShutdownOptions {
  /** True: the promise resolves when all tasks are done and the workers have ended. False: at once. Default: true. */
  wait?: boolean;
  /** True: tasks that have not started are cancelled. Default: false. */
  cancelFutures?: boolean;
  /**
   * The time in milliseconds, from this call, after which the executor ends in any case: the tasks that wait are cancelled, and
   * those that run fail with a `WorkerLostError`. Workers that can be replaced are ended; what happens to others is in
   * docs/guide/reliability.md. With `cancelFutures`, the `taskSignal()` of each running task is aborted at the call. 0: at
   * once. Default: `Infinity`, never.
   */
  killAfter?: number;
}

const knownShutdownOptions: KnownOptions = {
  of: 'shutdown',
  names: ['wait', 'cancelFutures', 'killAfter'],
  synonyms: { cancel_futures: 'cancelFutures', timeout: 'killAfter' },
};

/** The base class of all executors, which differ only in the source of their workers. */
export abstract class Executor extends Submitter {
  readonly #lifecycle: Lifecycle;

  /** @param createPool - called once, at the first use */
  protected constructor(name: string, options: ResolvedPoolOptions, createPool: () => Pool) {
    const encoder = new TaskEncoder(functionsFor(options), options.codec, options.outOfBand);
    const lifecycle = new Lifecycle(name, () => join(name, createPool(), options, encoder));
    super(lifecycle, encoder, options.maxWorkers ?? 1);
    this.#lifecycle = lifecycle;
  }

  /**
   * The number of workers that are ready: 0 before the start, after `shutdown`, and when the executor is broken.
   * Threads start when there are tasks for them; all are ready after `bootup`.
   */
  get numWorkers(): number {
    return this.#lifecycle.numWorkers;
  }

  /** Task counts by state, and histograms of task times, since the first task; also available after `shutdown`. */
  stats(): ExecutorStatistics {
    return this.#lifecycle.statistics;
  }

  /**
   * Records from now on what each worker of this executor's pool does: docs/guide/tracing.md. Starts the workers, if they have
   * not been. `MPI_FUTURES_TRACE` records all pools of a program from their start.
   *
   * @example
   *   const trace = pool.trace();
   *   await pool.map(simulate, seeds).toArray();
   *   await trace.write('simulation.json');
   *
   * @throws {ExecutorShutdownError} after `shutdown`
   * @since 0.1.0
   */
  trace(): Trace {
    this.#lifecycle.checkOpen();
    return new Trace(this.#lifecycle.start().pool.tracer);
  }

  /**
   * Starts all workers now, instead of with the first task.
   *
   * @returns this executor
   * @throws {ExecutorShutdownError} (as a rejection) after `shutdown`
   * @throws {SpawnError | MPIUnavailableError | BrokenExecutorError} (as a rejection) if they cannot be started, with
   *   `wait`
   */
  async bootup(options: BootupOptions = {}): Promise<this> {
    validateOptions(options, { of: 'bootup', names: ['wait'] });
    const { wait = true } = options;
    validateBoolean(wait, 'wait');
    await this.#lifecycle.bootup(wait);
    return this;
  }

  /**
   * Takes no more tasks, and ends the workers when all tasks are done. Can be called again, also with other options.
   * Does not reject when tasks have failed.
   */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    validateOptions(options, knownShutdownOptions);
    const { wait = true, cancelFutures = false, killAfter = Infinity } = options;
    validateBoolean(wait, 'wait');
    validateBoolean(cancelFutures, 'cancelFutures');
    validateTimeout(killAfter, 'killAfter');
    await this.#lifecycle.shutdown({ wait, cancelFutures, killAfter });
  }

  /**
   * Ends the executor though its tasks would not: takes no more tasks, cancels those that wait, and aborts the
   * `taskSignal()` of those that run. What still runs after a second fails with a `WorkerLostError`, as its worker is ended.
   * The same as `shutdown({ cancelFutures: true, killAfter: 1000 })`; named after the method of Python's
   * `ProcessPoolExecutor`.
   */
  terminateWorkers(): Promise<void> {
    return this.shutdown({ cancelFutures: true, killAfter: defaultKillAfter });
  }

  /**
   * Does what {@link terminateWorkers} does, at once. The same as `shutdown({ cancelFutures: true, killAfter: 0 })`.
   */
  killWorkers(): Promise<void> {
    return this.shutdown({ cancelFutures: true, killAfter: 0 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}

function join(
  name: string,
  pool: Pool,
  options: ResolvedPoolOptions,
  { functions }: TaskEncoder,
): Running {
  const { options: clientOptions, problem } = encodeSetup(name, options, functions);
  const client = pool.addClient(clientOptions);
  if (problem !== undefined) client.break(problem);
  return { pool, client };
}
