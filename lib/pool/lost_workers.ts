/**
 * A worker dies, or cannot be reached any more. In this order:
 *
 * 1. It gets no more tasks (`Pool.leaves`). What it had sent still comes, and counts.
 * 2. It is lost: nothing more comes. Those of its tasks that it had not begun, as far as can be known, wait again. The others
 *    fail with a `WorkerLostError`, or wait again where they have retries left.
 * 3. The other workers are told, for no communicator has all workers any more.
 * 4. Another one is started in its place, where the source can do that; but not for ever where one dies after the other.
 * 5. If none is left, and none will come, the pool breaks: each task fails with a `BrokenExecutorError`.
 *
 * How a loss is noticed: lib/workers/connected_workers.ts and threads/worker_thread.ts, native/ending/process_watch.cc and native/channel/heartbeat.h.
 */

import { BrokenExecutorError, MPIError, SpawnError, WorkerLostError } from '../errors.js';
import { taskFlags } from '../tasks/batches.js';
import { encodeMessage, MessageKind } from '../tasks/messages.js';
import type { WorkerLink, WorkerSource } from '../workers/worker_source.js';
import type { Clients } from './clients.js';
import type { PooledWorker } from './pooled_worker.js';
import type { PoolTask } from './pool_task.js';
import { presentMoment } from './statistics.js';

/** The pool, as this file uses it. */
export interface PoolWithLosses {
  /** The workers by number, including the lost ones. */
  readonly workers: readonly PooledWorker[];
  /** The tasks that the worker has not answered, in the order in which they were sent. */
  tasksOf(worker: number): PoolTask[];
  /** Makes a task wait again. Returns false if its worker had begun it. */
  callBack(task: PoolTask): boolean;
  /** Takes a task back from its worker, so that it waits again. */
  takeBack(task: PoolTask): void;
  /** Makes a task fail, because no worker will answer it. */
  end(task: PoolTask, error: Error): void;
  /**
   * Puts a worker in the place of `lost`. `inVain` is the number of workers that have died one after the other in that
   * place.
   */
  joined(link: WorkerLink, lost: number, inVain: number): void;
  readonly clients: Clients;
  /** Notes that no worker will replace `lost`. */
  notReplaced(lost: number): void;
  /** Makes every task fail with `error`, now and later. */
  break(error: Error): void;
}

/**
 * The number of workers that may die one after the other in one place, without a result; then the place stays empty.
 */
const mostInVain = 3;

/** The number of workers that may be lost before they begin a task that is the next one: reading its arguments may end them. */
const mostLostBefore = 3;

/** The number of isolated workers that may die in the set-up of one executor, which then breaks. */
const mostDeathsInSetUp = 3;

/** The lost workers of one pool, and what happens to their tasks and places. */
export class LostWorkers {
  readonly #source: WorkerSource;
  readonly #pool: PoolWithLosses;
  readonly #errors = new Map<number, WorkerLostError>();
  /** The number of workers that were lost before they had begun a task, which was the first there. No field of all tasks. */
  readonly #lostBefore = new WeakMap<PoolTask, number>();
  #latest: WorkerLostError | undefined;
  /** The number of replacements that are starting. */
  #toCome = 0;
  #stopped = false;

  constructor(source: WorkerSource, pool: PoolWithLosses) {
    this.#source = source;
    this.#pool = pool;
  }

  get count(): number {
    return this.#errors.size;
  }

  has(worker: number): boolean {
    return this.#errors.has(worker);
  }

  /**
   * Notes the loss; {@link settle} follows when the pool has started. Returns false for a worker whose loss is known.
   */
  note(worker: number, error: WorkerLostError): boolean {
    if (this.#errors.has(worker)) return false;
    this.#errors.set(worker, error);
    return true;
  }

  /** Settles the workers that were lost before the pool had started. */
  settleAll(): void {
    for (const worker of this.#errors.keys()) this.settle(worker);
  }

  /** Does steps 2 to 5. */
  settle(worker: number): void {
    const error = this.#errors.get(worker)!;
    const { defined, hasAnswered, inVain, wasEnded, link } = this.#pool.workers[worker]!;
    this.#latest = error;
    defined.clear();
    if (link.isIsolated === true) {
      const hadBegun = this.#endTasksOfSandbox(worker, error);
      // What may end an isolated worker is not held against its place: a task, and the set-up of an executor.
      const isExcused = hadBegun || this.#diedInSetUp(worker, error);
      this.#replace(worker, hasAnswered || wasEnded || isExcused ? 0 : inVain + 1);
      return;
    }
    for (const other of this.#pool.workers.keys()) this.#tell(other, error);
    this.#endTasks(worker, error);
    this.#replace(worker, hasAnswered || wasEnded ? 0 : inVain + 1);
  }

  /** Informs a new worker about those that were lost before. */
  tellNew(worker: number): void {
    if (this.#latest !== undefined) this.#tell(worker, this.#latest);
  }

  /** Breaks the pool if no worker is left, and none will come. */
  breakIfEmpty(why: string): void {
    const toCome = this.#toCome + (this.#source.growing?.toCome ?? 0);
    if (this.#pool.workers.length > this.count || toCome > 0) return;
    const options = { cause: this.#latest };
    this.#pool.break(new BrokenExecutorError(`All workers were lost${why}`, options));
  }

  /** Notes that the pool ends: replacements that are starting are no longer wanted. */
  stop(): void {
    this.#stopped = true;
  }

  /** Called when the pool has ended. */
  clear(): void {
    this.#errors.clear();
  }

  #tell(worker: number, { message: reason }: Error): void {
    if (this.has(worker)) return;
    const message = encodeMessage(MessageKind.notAllThere, reason);
    this.#pool.workers[worker]!.link.send(message, message.byteLength);
  }

  #endTasks(worker: number, error: WorkerLostError): void {
    const [first, ...others] = this.#pool.tasksOf(worker);
    if (first === undefined) return;
    // Each goes to the front of its queue, so the last comes first. The first task of the worker is not called back, even if
    // it has not begun: it may be the reason why the worker died. Nor is one whose arguments are gone.
    for (const task of others.reverse()) if (task.value !== undefined) this.#pool.callBack(task);
    this.#endBegun(worker, error, []);
  }

  /** Lets the tasks that had not begun wait again, which is known of a sandbox. Returns true if one had begun. */
  #endTasksOfSandbox(worker: number, error: WorkerLostError): boolean {
    const tasks = this.#pool.tasksOf(worker);
    const { claims } = this.#pool.workers[worker]!.link;
    const again = tasks.filter(
      (task) =>
        !task.future.done() &&
        task.value !== undefined &&
        this.#timesLostBefore(task) < mostLostBefore &&
        claims?.claim(task.id) === true,
    );
    // Reading its arguments may be what the process has died of.
    const [first] = again;
    if (first !== undefined && again.length === tasks.length)
      this.#lostBefore.set(first, this.#timesLostBefore(first) + 1);
    this.#endBegun(worker, error, again);
    return again.length < tasks.length;
  }

  #timesLostBefore(task: PoolTask): number {
    return this.#lostBefore.get(task) ?? 0;
  }

  /** Ends the tasks of a lost worker, but for those that run again: some are given, and those with retries. */
  #endBegun(worker: number, error: WorkerLostError, given: readonly PoolTask[]): void {
    const again: PoolTask[] = [];
    for (const task of this.#pool.tasksOf(worker)) {
      const isLeft = !task.future.done();
      if (given.includes(task)) again.push(task);
      else if (isLeft && task.limits?.retry() === true) {
        task.flags += taskFlags.lostAttempt;
        again.push(task);
      } else this.#pool.end(task, error);
    }
    // They run before tasks that were never sent, in the order in which they were sent.
    const now = presentMoment();
    for (const task of again.reverse()) {
      this.#pool.takeBack(task);
      task.waitAgain(now);
    }
  }

  /** Returns true if the worker was doing the set-up of an executor. */
  #diedInSetUp(worker: number, error: WorkerLostError): boolean {
    const client = this.#pool.clients.inSetUpOf(worker);
    if (client === undefined) return false;
    if (client.diedInSetUp(worker) >= mostDeathsInSetUp) this.#pool.clients.break(client, error);
    return true;
  }

  #replace(lost: number, inVain: number): void {
    if (this.#stopped || this.#source.replace === undefined) {
      this.#notReplaced(lost);
      return;
    }
    if (inVain >= mostInVain) {
      const often = `${mostInVain} have died in its place or failed to start, one after the other`;
      this.#giveUp(lost, often);
      return;
    }
    const coming = this.#source.replace(lost);
    if (coming === undefined) {
      this.#notReplaced(lost);
      return;
    }
    this.#toCome++;
    coming.then(
      (link) => {
        this.#toCome--;
        if (this.#stopped) return;
        this.#errors.delete(lost);
        this.#pool.joined(link, lost, inVain);
      },
      (error: unknown) => {
        this.#toCome--;
        if (this.#stopped) return;
        if (mayTryAgain(error)) this.#replace(lost, inVain + 1);
        else this.#giveUp(lost, error instanceof Error ? error.message : String(error));
      },
    );
  }

  #giveUp(lost: number, reason: string): void {
    process.emitWarning(`A lost worker is not replaced: ${reason}`, {
      type: 'MPIFuturesWarning',
      code: 'MPI_FUTURES_NOT_REPLACED',
    });
    this.#notReplaced(lost, reason);
  }

  /** @param reason - undefined if the source replaces no workers at all */
  #notReplaced(lost: number, reason?: string): void {
    this.breakIfEmpty(reason === undefined ? '' : `, and the last is not replaced: ${reason}`);
    this.#pool.notReplaced(lost);
  }
}

/** True if the replacement died at its start, or the spawn itself has failed. */
function mayTryAgain(error: unknown): boolean {
  const cause = error instanceof SpawnError ? error.cause : undefined;
  return cause instanceof WorkerLostError || cause instanceof MPIError;
}
