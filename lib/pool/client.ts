/**
 * A client of a pool: one executor that runs its tasks there, possibly next to others. It has a queue, a set-up, and
 * unfinished tasks.
 */

import type { TimeoutError } from '../errors.js';
import { Condition } from '../futures/condition.js';
import {
  cancelFuture,
  createFuture,
  rejectFuture,
  type Future,
  type FutureOwner,
} from '../futures/future.js';
import { UnobservedFailures } from '../futures/unobserved_failures.js';
import type { ClientSetup } from '../tasks/messages.js';
import type { ValueCodec } from '../values/value_codec.js';
import type { AbandonedTasks } from './abandoned_tasks.js';
import { inspectedWorker } from './inspected_worker.js';
import type { PoolTask, TaskOwner } from './pool_task.js';
import { SetUp, type PoolWithSetUps } from './set_up.js';
import {
  Statistics,
  type ExecutorStatistics,
  type Moment,
  type WorkerPlace,
} from './statistics.js';
import type { TaskLimits } from './task_limits.js';
import type { TaskQueue } from '../scheduling/task_queue.js';

/** The pool, as its clients use it. */
export interface ClientPool {
  /** The places of the workers, by their numbers. */
  readonly places: readonly WorkerPlace[];
  /** The present time. Tasks that are submitted together share one reading of the clock. */
  now(): Moment;
  /** Called when a task was added to the queue of the client. */
  submitted(): void;
  /** Called when a task was removed from the queue of the client: it keeps the program alive no more. */
  updateKeepAlive(): void;
  /** Makes a task that was sent wait again. Returns false if it has begun. */
  callBack(task: PoolTask): boolean;
  /** Does what {@link callBack} does for all tasks of the client that were sent. */
  callBackAll(client: Client): void;
  /** Called when the signal of a sent task was aborted. */
  abort(task: PoolTask, reason: unknown): void;
  readonly abandoned: AbandonedTasks;
}

/** The limits at which a worker is replaced by a fresh one, between two tasks. */
export interface Recycling {
  /** The number of tasks that it has had by then; `Infinity`: any. */
  readonly maxTasks: number;
}

/** The options of an executor that its pool must know. */
export interface ClientOptions {
  readonly setup: Omit<ClientSetup, 'client'>;
  /** The ids of the functions in the set-up. */
  readonly functions: readonly number[];
  /** These functions, which are kept because their definitions are. */
  readonly keeps: readonly object[];
  readonly codec: ValueCodec | undefined;
  /** Milliseconds for a worker to answer the set-up. */
  readonly bootTimeout: number;
  /** Milliseconds of silence after which a worker is lost. */
  readonly heartbeat: number;
  readonly recycling: Recycling;
  /** True if the tasks are to run in sandboxes. */
  readonly isolate?: boolean;
}

/** One executor's queue, its set-up on the workers, and the number of its unfinished tasks. */
export class Client implements FutureOwner, TaskOwner {
  readonly unobservedFailures = new UnobservedFailures();
  readonly statistics = new Statistics();
  readonly queue: TaskQueue<PoolTask>;
  readonly id: number;
  readonly options: Omit<ClientOptions, 'setup'>;
  readonly setUp: SetUp;
  /** The reason why this client can run nothing any more. */
  broken: Error | undefined;
  readonly #host: ClientPool;
  /** The number of isolated workers that have died in the set-up since one was set up. */
  #deathsInSetUp = 0;
  /** The number of deaths in the set-up by worker, since that worker was set up. */
  readonly #deathsOf = new Map<number, number>();
  #unfinished = 0;
  /** The last places of its workers, once it has ended; undefined before. */
  #places: readonly WorkerPlace[] | undefined;
  readonly #whenFinished = new Condition(() => this.#unfinished === 0);

  constructor(
    host: ClientPool,
    setUps: PoolWithSetUps,
    queue: TaskQueue<PoolTask>,
    id: number,
    options: ClientOptions,
  ) {
    this.#host = host;
    this.queue = queue;
    this.id = id;
    const { setup, ...others } = options;
    this.options = others;
    // A worker may wait for its debugger, or stand at a breakpoint of an initializer.
    const limit = inspectedWorker() === undefined ? others.bootTimeout : Infinity;
    this.setUp = new SetUp(setUps, { ...setup, client: id }, limit);
  }

  /** Notes that an isolated worker has died in the set-up. Returns how often in a row: on any worker, or on this one if that is more. */
  diedInSetUp(worker: number): number {
    const here = (this.#deathsOf.get(worker) ?? 0) + 1;
    this.#deathsOf.set(worker, here);
    return Math.max(++this.#deathsInSetUp, here);
  }

  /** Notes that a worker has done the set-up. */
  wasSetUp(worker: number): void {
    this.#deathsInSetUp = 0;
    this.#deathsOf.delete(worker);
  }

  /** Notes that no more workers will be set up. */
  close(): void {
    this.#places = this.#host.places;
    this.setUp.close();
    this.queue.close();
  }

  /** Queues a task, whose limits apply from now on. */
  submit(task: PoolTask, limits: TaskLimits | null): Future<unknown> {
    const future = task.begin(this, limits, this.#host.now());
    this.#unfinished++;
    this.statistics.submitted++;
    this.queue.push(task);
    this.#host.submitted();
    return future;
  }

  /** Counts a task that cannot be sent, and returns its failed future. */
  refused(error: unknown): Future<unknown> {
    const future = createFuture<unknown>(this);
    this.statistics.submitted++;
    this.statistics.failed++;
    rejectFuture(future, error);
    return future;
  }

  /** The present counts and times. */
  stats(): ExecutorStatistics {
    return this.statistics.snapshot(this.queue.length, this.#places ?? this.#host.places);
  }

  callBack(task: PoolTask): boolean {
    return this.#host.callBack(task);
  }

  /** Called when a future of this client was cancelled while its task waited. */
  cancelled(task: PoolTask): void {
    if (!this.queue.withdraw(task)) return;
    this.#host.updateKeepAlive();
    this.taskEnded(task);
  }

  abort(task: PoolTask, reason: unknown): void {
    this.#host.abort(task, reason);
  }

  expired(task: PoolTask, error: TimeoutError): void {
    this.#host.abandoned.expired(task, error);
  }

  killed(task: PoolTask, reason: unknown, killAfter: number): void {
    this.#host.abandoned.killed(task, reason, killAfter);
  }

  /** Cancels all tasks that have not begun. */
  cancelQueued(): void {
    this.#host.callBackAll(this);
    for (const task of this.queue.clear()) {
      this.#host.updateKeepAlive();
      this.taskEnded(task);
      cancelFuture(task.future, undefined);
    }
  }

  /** Does nothing: for futures that failed before they became tasks. */
  onCancel(): void {
    // Such futures are done: there is no task to take back.
  }

  taskEnded(task: PoolTask): void {
    task.limits?.end();
    if (--this.#unfinished === 0) this.#whenFinished.check();
  }

  /** Resolves when no task is queued or running. */
  finished(): Promise<void> {
    return this.#whenFinished.wait();
  }

  /** Resolves when every worker has been set up; rejects if one could not be. */
  ready(): Promise<void> {
    if (this.broken !== undefined) return Promise.reject(this.broken);
    return this.setUp.done();
  }

  /** Makes the queued tasks fail. The pool does so for those that were sent. */
  break(error: Error): void {
    if (this.broken !== undefined) return;
    this.broken = error;
    for (const task of this.queue.clear()) {
      this.#host.updateKeepAlive();
      task.fail(error);
      this.taskEnded(task);
    }
    this.setUp.fail(error);
  }
}
