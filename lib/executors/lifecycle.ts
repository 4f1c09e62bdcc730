/** The life of an executor: its workers start with the first task and are let go when everything is done. */

import { BrokenExecutorError, ExecutorShutdownError } from '../errors.js';
import type { Pool } from '../pool/pool.js';
import type { Session } from '../pool/session.js';
import { sharedPool } from '../pool/shared_pool.js';
import { Statistics, type ExecutorStatistics } from '../pool/statistics.js';
import { refuseWhileImporting } from './recursion.js';

/** An executor's pool, and its part of it. */
export interface Running {
  readonly pool: Pool;
  readonly session: Session;
  /** Its end has begun. */
  ended?: boolean;
}

export class Lifecycle {
  readonly #name: string;
  readonly #createRunning: () => Running;
  #running: Running | undefined;
  #ending: Promise<void> | undefined;

  /**
   * @param name - of the executor, for warnings
   * @param createRunning - called once, at the first use
   */
  constructor(name: string, createRunning: () => Running) {
    this.#name = name;
    this.#createRunning = createRunning;
  }

  /** Number of workers that are ready. */
  get numWorkers(): number {
    if (this.#running === undefined || this.#ending !== undefined) return 0;
    const { pool, session } = this.#running;
    return session.broken === undefined ? pool.size : 0;
  }

  /** Counts and times, also after the end. */
  get statistics(): ExecutorStatistics {
    return this.#running?.session.stats() ?? new Statistics().snapshot(0);
  }

  /** @throws {ExecutorShutdownError | BrokenExecutorError} if no task can be submitted any more */
  checkOpen(): void {
    if (this.#ending !== undefined) throw new ExecutorShutdownError();
    const broken = this.#running?.session.broken;
    if (broken !== undefined) throw brokenBy(broken);
  }

  /** Starts the workers, if they have not been. */
  start(): Running {
    if (this.#running !== undefined) return this.#running;
    refuseWhileImporting();
    this.#running = this.#createRunning();
    forgotten.register(this, { name: this.#name, running: this.#running });
    void this.#running.pool.start();
    return this.#running;
  }

  async bootup(wait: boolean): Promise<void> {
    if (this.#ending !== undefined) throw new ExecutorShutdownError('cannot bootup after shutdown');
    const { pool, session } = this.start();
    if (!wait) return;
    await pool.start();
    await session.ready();
  }

  async shutdown(wait: boolean, cancelFutures: boolean): Promise<void> {
    if (cancelFutures) this.#running?.session.cancelQueued();
    this.#ending ??= end(this.#name, this.#running);
    if (wait) await this.#ending;
  }
}

// An executor that nobody has any more gets no more tasks: when those it has are done, its workers are let go.
const forgotten = new FinalizationRegistry<{ name: string; running: Running }>(
  ({ name, running }) => {
    if (running.ended) return;
    end(name, running).catch((error: unknown) => {
      process.emitWarning(error instanceof Error ? error : String(error));
    });
  },
);

async function end(name: string, running: Running | undefined): Promise<void> {
  if (running === undefined) return;
  running.ended = true;
  const { pool, session } = running;
  await pool.start();
  await session.finished();
  await session.ready().catch(() => undefined);
  pool.closeSession(session);
  if (pool === sharedPool()) pool.forgetSession(session);
  else await pool.stop();
  // Whoever waited for the end may look at the futures before anybody is warned of those not looked at.
  setImmediate(() => {
    session.unobservedFailures.warn(name);
  });
}

function brokenBy(cause: Error): BrokenExecutorError {
  const message = `The executor is broken: ${cause.message}`;
  return cause instanceof BrokenExecutorError && cause.constructor === BrokenExecutorError
    ? new BrokenExecutorError(cause.message, { cause: cause.cause })
    : new BrokenExecutorError(message, { cause });
}
