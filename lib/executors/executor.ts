import { functionsFor } from '../pool/functions.js';
import type { Pool } from '../pool/pool.js';
import type { ExecutorStatistics } from '../pool/statistics.js';
import { validateBoolean, validateOptions } from '../validators.js';
import { Lifecycle, type Running } from './lifecycle.js';
import type { ResolvedPoolOptions } from './options.js';
import { encodeSetup } from './tenant_setup.js';
import { Submitter } from './submitter.js';
import { TaskEncoder } from './task_encoder.js';

/** How far {@link Executor.bootup} waits. */
export interface BootupOptions {
  /** True: the promise waits until all workers are ready. Default: true. */
  wait?: boolean;
}

/** How far {@link Executor.shutdown} waits, and what becomes of tasks that have not been started. */
export interface ShutdownOptions {
  /** True: the promise waits until all tasks are done and the workers have ended. Default: true. */
  wait?: boolean;
  /** True: tasks that have not started are cancelled. Default: false. */
  cancelFutures?: boolean;
}

/** The executor that all others are: only the source of their workers differs. */
export abstract class Executor extends Submitter {
  readonly #lifecycle: Lifecycle;

  /** @param createPool - called once, at the first use */
  protected constructor(name: string, options: ResolvedPoolOptions, createPool: () => Pool) {
    const encoder = new TaskEncoder(functionsFor(options), options.codec, options.outOfBand);
    const lifecycle = new Lifecycle(name, () => join(createPool(), options, encoder));
    super(lifecycle, encoder, options.maxWorkers ?? 1);
    this.#lifecycle = lifecycle;
  }

  /**
   * Number of workers that are ready: 0 before the start, after `shutdown`, and when the executor is broken. Threads are
   * started as there are tasks for them; all are ready after `bootup`.
   */
  get numWorkers(): number {
    return this.#lifecycle.numWorkers;
  }

  /** Counts of tasks by state, and histograms of their times, from the first task to now; also after `shutdown`. */
  stats(): ExecutorStatistics {
    return this.#lifecycle.statistics;
  }

  /**
   * Starts all workers now, not with the first task (or, on threads, as there are tasks for them).
   *
   * @returns this executor
   * @throws {ExecutorShutdownError} (as a rejection) after `shutdown`
   * @throws {SpawnError | MPIUnavailableError | BrokenExecutorError} (as a rejection) if they cannot be started, with `wait`
   */
  async bootup(options: BootupOptions = {}): Promise<this> {
    validateOptions(options, { of: 'bootup', names: ['wait'] });
    const { wait = true } = options;
    validateBoolean(wait, 'wait');
    await this.#lifecycle.bootup(wait);
    return this;
  }

  /**
   * Takes no more tasks, and ends the workers when all tasks are done. May be called again, also with other options. It does
   * not reject when tasks have failed.
   */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    validateOptions(options, { of: 'shutdown', names: ['wait', 'cancelFutures'] });
    const { wait = true, cancelFutures = false } = options;
    validateBoolean(wait, 'wait');
    validateBoolean(cancelFutures, 'cancelFutures');
    await this.#lifecycle.shutdown(wait, cancelFutures);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}

function join(pool: Pool, options: ResolvedPoolOptions, { functions }: TaskEncoder): Running {
  const { options: tenantOptions, problem } = encodeSetup(options, functions);
  const tenant = pool.addTenant(tenantOptions);
  if (problem !== undefined) tenant.break(problem);
  return { pool, tenant };
}
