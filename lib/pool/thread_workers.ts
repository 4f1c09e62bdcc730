/** Workers that are threads of this process (node:worker_threads): no MPI is needed, and none is loaded. */

import { hostname } from 'node:os';

import { SpawnError, type WorkerLostError } from '../errors.js';
import { plainSnapshot } from '../tasks/values/snapshot.js';
import { settledWithin } from './deadline.js';
import { lastingMemory } from './thread_channel.js';
import { tellUser } from './for_the_user.js';
import { WorkerThread } from './worker_thread.js';
import type { WorkerEvents, WorkerIdentity, WorkerSource } from './worker_source.js';

export interface ThreadOptions {
  readonly maxWorkers: number;
  readonly execArgv: readonly string[];
  /** Milliseconds until the threads must be ready. */
  readonly bootTimeout: number;
}

/** The one worker of a pool of processes where there are no processes for it. */
export function threadForProcesses(bootTimeout: number): ThreadWorkers {
  return new ThreadWorkers({ maxWorkers: 1, execArgv: [], bootTimeout }, true);
}

const longestInterval = 2 ** 31 - 1;

export class ThreadWorkers implements WorkerSource {
  readonly snapshot = plainSnapshot;
  readonly takesBuffers = true;
  readonly #options: ThreadOptions;
  readonly #standsForProcess: boolean;
  #threads: WorkerThread[] = [];
  #held = 0;
  #alive: NodeJS.Timeout | undefined;

  constructor(options: ThreadOptions, standsForProcess = false) {
    this.#options = options;
    this.#standsForProcess = standsForProcess;
  }

  async start(events: WorkerEvents): Promise<readonly WorkerIdentity[]> {
    this.keepAlive(true);
    try {
      const ready = this.#startThreads(events);
      const deadline = this.#options.bootTimeout;
      if (
        (await settledWithin(
          deadline,
          ready.then(() => true),
        )) === undefined
      )
        throw new SpawnError(`Worker threads were not ready within ${deadline} ms`);
      return this.#threads.map((_, rank) => ({ rank, host: hostname(), pid: process.pid }));
    } catch (error) {
      await this.#end((thread) => thread.terminate());
      throw error instanceof SpawnError ? error : failedBy(error);
    } finally {
      this.keepAlive(false);
    }
  }

  send(
    worker: number,
    payload: Uint8Array,
    length: number,
    buffers?: readonly ArrayBuffer[],
  ): void {
    this.#threads[worker]?.send(payload, length, buffers);
  }

  sendLasting(worker: number, message: Uint8Array): void {
    this.#threads[worker]?.sendLasting(message);
  }

  lastingMemory(size: number): Uint8Array {
    return lastingMemory(size);
  }

  // One timer for all threads: to tell each of them would cost more than a short task.
  keepAlive(on: boolean): void {
    this.#held += on ? 1 : -1;
    this.#alive ??= setInterval(() => undefined, longestInterval);
    if (this.#held > 0) this.#alive.ref();
    else this.#alive.unref();
  }

  async stop(): Promise<void> {
    this.keepAlive(true);
    await this.#end((thread) => thread.quit());
    this.keepAlive(false);
    clearInterval(this.#alive);
  }

  #startThreads(events: WorkerEvents): Promise<unknown> {
    const { maxWorkers, execArgv } = this.#options;
    for (let rank = 0; rank < maxWorkers; rank++) {
      const thread = new WorkerThread(rank, execArgv, this.#standsForProcess, {
        message: (payload, buffers) => {
          if (!tellUser(payload)) events.message(rank, payload, buffers);
        },
        batchEnded: () => {
          events.batchEnded();
        },
        lost: (error) => {
          events.lost(rank, error);
        },
      });
      this.#threads.push(thread);
    }
    return Promise.all(this.#threads.map(({ ready }) => ready));
  }

  async #end(how: (thread: WorkerThread) => Promise<void>): Promise<void> {
    await Promise.all(this.#threads.map(how));
    this.#threads = [];
  }
}

function failedBy(cause: unknown): SpawnError {
  const { message, code } = cause as WorkerLostError & NodeJS.ErrnoException;
  const advice =
    (code as string) === 'ERR_ACCESS_DENIED' ? '; node --permission needs --allow-worker' : '';
  return new SpawnError(`Worker threads could not be started: ${message}${advice}`, { cause });
}
