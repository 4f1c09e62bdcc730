/** Workers that are threads of this process (node:worker_threads): no MPI is needed, and none is loaded. */

import { availableParallelism } from 'node:os';

import { SpawnError, type WorkerLostError } from '../../errors.js';
import { Condition } from '../../futures/condition.js';
import { longestTimer, settledWithin } from '../../futures/wait_limits.js';
import { MessageKind } from '../../tasks/messages.js';
import { lastingMemory } from './thread_channel.js';
import { threadSnapshot } from './thread_memory.js';
import { warnIfSlow } from '../slow_start.js';
import { printOutput, warnUser } from '../print_output.js';
import { WorkerThread, type ThreadFlags } from './worker_thread.js';
import type { GrowingWorkers, WorkerEvents, WorkerLink, WorkerSource } from '../worker_source.js';

/** The options of an executor that concern its threads. */
export interface ThreadOptions extends ThreadFlags {
  readonly maxWorkers: number;
  /** Milliseconds until a thread must be ready. */
  readonly bootTimeout: number;
}

/** The single worker of a process pool, where there are no processes for it. */
export function threadForProcesses(bootTimeout: number): ThreadWorkers {
  const options = { maxWorkers: 1, execArgv: [], resourceLimits: undefined, bootTimeout };
  return new ThreadWorkers(options, true);
}

/** The number of threads that start at the same time. More would only delay each other, and the first one. */
const mostStarting = availableParallelism();

/** Starts worker threads as there is work for them, and others in place of those that end. */
export class ThreadWorkers implements WorkerSource, GrowingWorkers {
  readonly snapshot = threadSnapshot;
  readonly takesBuffers = true;
  readonly growing: GrowingWorkers = this;
  readonly #options: ThreadOptions;
  readonly #standsForProcess: boolean;
  #events!: WorkerEvents;
  /** The threads, numbered in the order in which they become ready. */
  #threads: WorkerThread[] = [];
  readonly #starting = new Set<WorkerThread>();
  /** The threads that were lost and may not have ended yet. */
  readonly #leaving = new Set<WorkerThread>();
  /** The number of threads that were started, including failed ones. */
  #started = 0;
  /** The number of threads that were lost, and not replaced until now. */
  #lost = 0;
  #wanted = 1;
  #wantsAll = false;
  #first!: { resolve: () => void; reject: (error: unknown) => void };
  readonly #whenAll = new Condition(() => this.toCome <= 0);
  #ending = false;
  #held = 0;
  #alive: NodeJS.Timeout | undefined;

  constructor(options: ThreadOptions, standsForProcess = false) {
    this.#options = options;
    this.#standsForProcess = standsForProcess;
  }

  get maxWorkers(): number {
    return this.#options.maxWorkers;
  }

  get toCome(): number {
    return this.#ending ? 0 : this.#starting.size + this.maxWorkers - this.#started;
  }

  async start(events: WorkerEvents): Promise<readonly WorkerLink[]> {
    this.#events = events;
    this.keepAlive(true);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#first = { resolve, reject };
        this.#startMore();
      });
      return [this.#threads[0]!];
    } catch (error) {
      await this.#end((thread) => thread.terminate());
      throw failedBy(error);
    } finally {
      this.keepAlive(false);
    }
  }

  want(count: number): void {
    this.#wanted = count;
    this.#startMore();
  }

  async startAll(): Promise<void> {
    this.keepAlive(true);
    this.#wantsAll = true;
    this.#startMore();
    await this.#whenAll.wait();
    this.keepAlive(false);
  }

  replace(lost: number): Promise<WorkerLink> | undefined {
    return this.#ending ? undefined : this.#replace(lost);
  }

  async #replace(lost: number): Promise<WorkerLink> {
    try {
      const thread = await this.#startIn(this.#threads[lost]!.rank, () => lost);
      if (this.#ending) throw new SpawnError('The pool has ended');
      this.#threads[lost] = thread;
      this.#starting.delete(thread);
      this.#lost--;
      return thread;
    } catch (error) {
      throw failedBy(error);
    }
  }

  lastingMemory(size: number): Uint8Array {
    return lastingMemory(size);
  }

  // One timer for all threads: a message to each of them would cost more than a short task.
  keepAlive(on: boolean): void {
    this.#held += on ? 1 : -1;
    this.#alive ??= setInterval(() => undefined, longestTimer);
    if (this.#held > 0) this.#alive.ref();
    else this.#alive.unref();
  }

  async stop(): Promise<void> {
    this.keepAlive(true);
    await this.#end((thread) => thread.quit());
    this.keepAlive(false);
    clearInterval(this.#alive);
  }

  #startMore(): void {
    const { maxWorkers } = this;
    const wanted = this.#wantsAll ? maxWorkers : this.#wanted;
    while (
      !this.#ending &&
      this.#started < maxWorkers &&
      this.#starting.size < mostStarting &&
      this.#starting.size + this.#threads.length - this.#lost < wanted
    )
      void this.#startThread(this.#started++);
  }

  async #startThread(rank: number): Promise<void> {
    let number: number | undefined;
    try {
      const thread = await this.#startIn(rank, () => number);
      if (!this.#ending) {
        number = this.#threads.push(thread) - 1;
        this.#starting.delete(thread);
        if (number === 0) this.#first.resolve();
        else this.#events.added?.(thread);
      }
    } catch (error) {
      this.#notStarted(error);
    }
    this.#startMore();
    this.#whenAll.check();
  }

  /**
   * Starts a thread; resolves when it is ready. It stays among those that start until it has its place.
   *
   * @param number - returns its number, once it has one
   * @throws {SpawnError | WorkerLostError} (as a rejection) if it cannot be started
   */
  async #startIn(rank: number, number: () => number | undefined): Promise<WorkerThread> {
    const { bootTimeout } = this.#options;
    let thread: WorkerThread | undefined;
    const over = warnIfSlow(bootTimeout, () => `Thread ${rank} has not started`);
    try {
      thread = new WorkerThread(rank, this.#options, this.#standsForProcess, {
        message: (payload, buffers) => {
          if (payload[0] === MessageKind.output) printOutput(payload);
          else if (payload[0] === MessageKind.warning) warnUser(payload);
          else this.#events.message(number()!, payload, buffers);
        },
        batchEnded: () => {
          this.#events.batchEnded();
        },
        lost: (error) => {
          this.#hasLost(thread!, number(), error);
        },
      });
      this.#starting.add(thread);
      const ready = thread.ready.then(() => true);
      // The pool decides how long the program goes on.
      if ((await settledWithin(bootTimeout, ready, false)) === undefined)
        throw new SpawnError(
          `Worker threads were not ready within ${bootTimeout} ms (option bootTimeout)`,
        );
      return thread;
    } catch (error) {
      if (thread !== undefined && !this.#ending) {
        await thread.terminate();
        this.#starting.delete(thread);
      }
      throw error;
    } finally {
      over();
    }
  }

  #hasLost(thread: WorkerThread, number: number | undefined, error: WorkerLostError): void {
    if (number === undefined || this.#threads[number] !== thread) return; // it was not ready
    this.#lost++;
    this.#leaving.add(thread);
    void thread.ended.then(() => this.#leaving.delete(thread));
    this.#events.lost(number, error);
  }

  /**
   * Handles a thread that did not start. Without the first one there is no pool; without another one the pool is
   * smaller.
   */
  #notStarted(error: unknown): void {
    if (this.#ending) return;
    if (this.#threads.length === 0) {
      this.#ending = true;
      this.#first.reject(error);
      return;
    }
    const failure = failedBy(error);
    process.emitWarning(`A pool has one thread fewer: ${failure.message}`, {
      type: 'MPIFuturesWarning',
      code: 'MPI_FUTURES_THREAD_NOT_STARTED',
    });
    this.#events.notAdded?.(failure);
  }

  /** Ends the threads. One that has not become ready may never be, so this does not wait for it. */
  async #end(how: (thread: WorkerThread) => Promise<void>): Promise<void> {
    this.#ending = true;
    this.#whenAll.check();
    await Promise.all([
      ...this.#threads.map(how),
      ...[...this.#starting, ...this.#leaving].map((thread) => thread.terminate()),
    ]);
    this.#threads = [];
    this.#starting.clear();
  }
}

function failedBy(cause: unknown): SpawnError {
  if (cause instanceof SpawnError) return cause;
  const { message, code } = cause as WorkerLostError & NodeJS.ErrnoException;
  const advice =
    (code as string) === 'ERR_ACCESS_DENIED' ? '; node --permission needs --allow-worker' : '';
  return new SpawnError(`Worker threads could not be started: ${message}${advice}`, { cause });
}
