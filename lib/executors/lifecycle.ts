/** The life of an executor: its workers start with the first task, and are released when all tasks are done. */

import { AsyncResource } from 'node:async_hooks';

import { BrokenExecutorError, ExecutorShutdownError } from '../errors.js';
import type { Pool } from '../pool/pool.js';
import type { Client } from '../pool/client.js';
import { startTimer } from '../futures/wait_limits.js';
import { sharedPool } from '../pool/shared_pool.js';
import { Statistics, type ExecutorStatistics } from '../pool/statistics.js';
import { refuseWhileImporting } from './refuse_recursion.js';

/** The pool that an executor uses, and its share of that pool. */
export interface Running {
  readonly pool: Pool;
  readonly client: Client;
  /** True once the executor has begun to end. */
  ended?: boolean;
  /** Fails what is not finished; undefined while it has time to finish. */
  giveUp?: () => void;
}

/** The options of a shutdown, checked and complete. */
export interface Shutdown {
  readonly wait: boolean;
  readonly cancelFutures: boolean;
  /** Milliseconds after which what is not finished is given up. */
  readonly killAfter: number;
}

/** @throws {ExecutorShutdownError} in 'exit' listeners: workers need the event loop, which no longer runs */
function checkProgramGoesOn(): void {
  if ((process as { _exiting?: boolean })._exiting !== true) return;
  throw new ExecutorShutdownError(
    "The program is ending: in an 'exit' listener no task can be submitted and no worker started any more",
  );
}

/**
 * The asynchronous context in which this package was loaded. Everything that serves all tasks is made in it; otherwise
 * it would run in, and keep alive, the context of the first caller of `submit`.
 */
const program = new AsyncResource('MPIFutures', { requireManualDestroy: true });

/** Starts the pool of one executor at its first use, and releases it when all tasks are done. */
export class Lifecycle {
  readonly #name: string;
  readonly #createRunning: () => Running;
  #running: Running | undefined;
  #ending: Promise<void> | undefined;

  /**
   * @param name - the executor's name, for warnings
   * @param createRunning - called once, at the first use
   */
  constructor(name: string, createRunning: () => Running) {
    this.#name = name;
    this.#createRunning = createRunning;
  }

  /** The number of workers that are ready. */
  get numWorkers(): number {
    if (this.#running === undefined || this.#ending !== undefined) return 0;
    const { pool, client } = this.#running;
    return client.broken === undefined ? pool.size : 0;
  }

  /** Task counts and times, also after the end. */
  get statistics(): ExecutorStatistics {
    return this.#running?.client.stats() ?? new Statistics().snapshot(0, []);
  }

  /** The fields that `util.inspect` shows. */
  describe(): object {
    const { submitted, queued, running, done, failed, cancelled, lost } = this.statistics;
    const tasks = { submitted, queued, running, done, failed, cancelled, lost };
    return { state: this.#state, workers: this.numWorkers, tasks };
  }

  get #state(): string {
    if (this.#ending !== undefined) return 'shut down';
    if (this.#running === undefined) return 'not started';
    return this.#running.client.broken === undefined ? 'open' : 'broken';
  }

  /** @throws {ExecutorShutdownError | BrokenExecutorError} if no more tasks can be submitted */
  checkOpen(): void {
    if (this.#ending !== undefined) throw new ExecutorShutdownError();
    checkProgramGoesOn();
    const broken = this.#running?.client.broken;
    if (broken !== undefined) throw brokenBy(broken);
  }

  /** Starts the workers if they have not been started. */
  start(): Running {
    if (this.#running !== undefined) return this.#running;
    refuseWhileImporting();
    const running = program.runInAsyncScope(this.#createRunning);
    this.#running = running;
    running.client.unobservedFailures.owner = this.#name;
    forgotten.register(this, running);
    program.runInAsyncScope(() => void running.pool.start());
    return running;
  }

  /** @throws {ExecutorShutdownError} synchronously: while the program is ending, promises are no longer settled */
  bootup(wait: boolean): Promise<void> {
    if (this.#ending !== undefined) throw new ExecutorShutdownError('cannot bootup after shutdown');
    checkProgramGoesOn();
    const { pool, client } = this.start();
    const started = pool.startAll();
    return wait ? started.then(() => client.ready()) : Promise.resolve();
  }

  async shutdown({ wait, cancelFutures, killAfter }: Shutdown): Promise<void> {
    const running = this.#running;
    if (cancelFutures) running?.client.cancelQueued();
    this.#ending ??= end(running);
    if (running !== undefined && killAfter < Infinity) {
      // With 0 a task has no time to react to an abort. A worker that had not begun it would drop it and begin another.
      if (cancelFutures && killAfter > 0)
        running.pool.abortAll(running.client, toldToEnd(killAfter));
      giveUpAfter(running, killAfter, this.#ending);
    }
    if (wait) await this.#ending;
  }
}

// An executor that was garbage-collected gets no more tasks: when its tasks are done, its workers are released.
const forgotten = new FinalizationRegistry<Running>((running) => {
  if (running.ended) return;
  end(running).catch((error: unknown) => {
    process.emitWarning(error instanceof Error ? error : String(error));
  });
});

function toldToEnd(killAfter: number): ExecutorShutdownError {
  return new ExecutorShutdownError(
    `The executor is shut down, and its workers are ended in ${killAfter} ms`,
  );
}

function giveUpAfter(running: Running, killAfter: number, ended: Promise<void>): void {
  const { pool, client } = running;
  const why = `its executor was shut down, and it had not ended within ${killAfter} ms (killAfter)`;
  const timer = startTimer(killAfter, () => {
    running.giveUp = () => {
      pool.giveUp(client, why, pool !== sharedPool());
    };
    running.giveUp();
  });
  timer?.unref(); // the pool keeps the program alive while there is something to give up
  const over = (): void => {
    clearTimeout(timer);
  };
  ended.then(over, over);
}

async function end(running: Running | undefined): Promise<void> {
  if (running === undefined) return;
  running.ended = true;
  const { pool, client } = running;
  await pool.start();
  running.giveUp?.(); // the workers were not there yet
  await client.finished();
  await client.ready().catch(() => undefined);
  pool.removeClient(client);
  if (pool === sharedPool()) pool.clients.forget(client);
  else await pool.stop();
  // Code that has awaited the end may look at the futures before the warning about failures that nobody has looked at.
  setImmediate(() => {
    client.unobservedFailures.warn();
  });
}

function brokenBy(cause: Error): BrokenExecutorError {
  const message = `The executor is broken: ${cause.message}`;
  return cause instanceof BrokenExecutorError && cause.constructor === BrokenExecutorError
    ? new BrokenExecutorError(cause.message, { cause: cause.cause })
    : new BrokenExecutorError(message, { cause });
}
