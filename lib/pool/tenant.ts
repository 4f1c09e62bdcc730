/** A tenant of a pool: one executor that has its tasks run there, maybe beside others. It has a queue, a set-up, and unfinished tasks. */

import type { TimeoutError } from '../errors.js';
import { Condition } from '../futures/condition.js';
import { type Future, type FutureOwner, createFuture, rejectFuture } from '../futures/future.js';
import { UnobservedFailures } from '../futures/unobserved_failures.js';
import { startTimer } from '../futures/wait_limits.js';
import { encodeMessage, MessageKind, type TenantSetup } from '../tasks/messages.js';
import type { ValueCodec } from '../values/value_codec.js';
import type { PoolTask, TaskOwner } from './pool_task.js';
import { Statistics, type ExecutorStatistics, type Moment } from './statistics.js';
import type { TaskLimits } from './task_limits.js';
import { warnIfSlow } from '../workers/slow_start.js';
import type { TaskQueue } from '../scheduling/task_queue.js';

/** The pool, as its tenants see it. */
export interface TenantHost {
  /** About when it is: tasks submitted together share one reading of the clock. */
  now(): Moment;
  /** A task was added to the queue of the tenant. */
  submitted(): void;
  /** A task was taken out of the queue of the tenant. */
  withdrawn(): void;
  /** A task that was sent is to wait again. False if it has begun. */
  callBack(task: PoolTask): boolean;
  /** As {@link callBack} for all of the tenant. */
  callBackAll(tenant: Tenant): void;
  /** The signal of a task that was sent was aborted. */
  abort(task: PoolTask, reason: unknown): void;
  /** A task has run for as long as it may. */
  expired(task: PoolTask, error: TimeoutError): void;
  /** A worker has not answered the set-up within the tenant's `bootTimeout`. */
  setUpOverdue(tenant: Tenant): void;
  /** Names the workers that have not answered it, and why, for a sentence; undefined where all of them have tasks of others to do first. */
  notSetUp(tenant: Tenant): string | undefined;
}

/** The options of an executor that its pool must know. */
export interface TenantOptions {
  readonly setup: Omit<TenantSetup, 'tenant'>;
  /** Ids of the functions that the set-up names. */
  readonly functions: readonly number[];
  readonly codec: ValueCodec | undefined;
  /** Milliseconds for a worker to answer the set-up. */
  readonly bootTimeout: number;
  /** Milliseconds of silence after which a worker is lost. */
  readonly heartbeat: number;
}

/** One executor's queue, its set-up on the workers, and the number of its unfinished tasks. */
export class Tenant implements FutureOwner, TaskOwner {
  readonly unobservedFailures = new UnobservedFailures();
  readonly statistics = new Statistics();
  readonly queue: TaskQueue<PoolTask>;
  readonly id: number;
  readonly options: Omit<TenantOptions, 'setup'>;
  #setup: TenantOptions['setup'] | undefined;
  #setupMessage: Uint8Array | undefined;
  /** Why this tenant runs nothing any more. */
  broken: Error | undefined;
  readonly #host: TenantHost;
  #unfinished = 0;
  readonly #whenFinished = new Condition(() => this.#unfinished === 0);
  readonly #notReady = new Set<number>();
  #setUpDeadline: NodeJS.Timeout | undefined;
  #setUpInTime: (() => void) | undefined;
  readonly #whenReady = new Condition(() => this.#notReady.size === 0);

  constructor(host: TenantHost, queue: TaskQueue<PoolTask>, id: number, options: TenantOptions) {
    this.#host = host;
    this.queue = queue;
    this.id = id;
    const { setup, ...others } = options;
    this.options = others;
    this.#setup = setup;
  }

  /** The message that each worker gets before the first task: encoded once, since it may be large. */
  setupMessage(memory: ((size: number) => Uint8Array) | undefined): Uint8Array {
    if (this.#setupMessage === undefined) {
      const setup = { ...this.#setup!, tenant: this.id } satisfies TenantSetup;
      this.#setupMessage = encodeMessage(MessageKind.setup, setup, memory);
      this.#setup = undefined;
    }
    return this.#setupMessage;
  }

  /** No worker will be set up any more. */
  close(): void {
    this.queue.close();
    this.#setup = this.#setupMessage = undefined;
  }

  /** Queues a task; its limits count from now on. */
  submit(task: PoolTask, limits: TaskLimits | null): Future<unknown> {
    const future = task.begin(this, limits, this.#host.now());
    this.#unfinished++;
    this.statistics.submitted++;
    this.queue.push(task);
    this.#host.submitted();
    return future;
  }

  /** A task that cannot be sent: its future has failed. */
  refused(error: unknown): Future<unknown> {
    const future = createFuture<unknown>(this);
    this.statistics.submitted++;
    this.statistics.failed++;
    rejectFuture(future, error);
    return future;
  }

  /** Counts and times up to now. */
  stats(): ExecutorStatistics {
    return this.statistics.snapshot(this.queue.length);
  }

  callBack(task: PoolTask): boolean {
    return this.#host.callBack(task);
  }

  /** A future of this tenant was cancelled while its task waited. */
  cancelled(task: PoolTask): void {
    if (!this.queue.withdraw(task)) return;
    this.#host.withdrawn();
    this.taskEnded(task);
  }

  abort(task: PoolTask, reason: unknown): void {
    this.#host.abort(task, reason);
  }

  expired(task: PoolTask, error: TimeoutError): void {
    this.#host.expired(task, error);
  }

  /** Cancels all tasks that have not begun. */
  cancelQueued(): void {
    this.#host.callBackAll(this);
    for (const task of this.queue.clear()) {
      this.#host.withdrawn();
      this.taskEnded(task);
      task.future.cancel();
    }
  }

  /** For futures that failed before they became tasks. */
  onCancel(): void {
    // They are done: there is nothing to take back.
  }

  taskEnded(task: PoolTask): void {
    task.limits?.end();
    if (--this.#unfinished === 0) this.#whenFinished.check();
  }

  /** Resolved when no task is queued or running. */
  finished(): Promise<void> {
    return this.#whenFinished.wait();
  }

  get isSettingUp(): boolean {
    return this.#notReady.size > 0;
  }

  /** Workers that have not answered the set-up. */
  get notReady(): readonly number[] {
    return [...this.#notReady];
  }

  /** The set-up was sent to `worker`. */
  settingUp(worker: number): void {
    this.#notReady.add(worker);
    this.waitForSetUp();
  }

  /** From now on `bootTimeout` counts. */
  waitForSetUp(): void {
    const { bootTimeout } = this.options;
    this.#stopWaiting();
    this.#setUpInTime = warnIfSlow(bootTimeout, () => this.#host.notSetUp(this));
    this.#setUpDeadline = startTimer(bootTimeout, () => {
      this.#host.setUpOverdue(this);
    });
    this.#setUpDeadline?.unref(); // the pool keeps the program alive meanwhile
  }

  /** `worker` has answered, or is gone. */
  setUp(worker: number): void {
    this.#notReady.delete(worker);
    if (this.#notReady.size > 0) return;
    this.#stopWaiting();
    this.#whenReady.check();
  }

  #stopWaiting(): void {
    clearTimeout(this.#setUpDeadline);
    this.#setUpInTime?.();
  }

  /** Resolved when every worker has been set up; rejected when one could not be. */
  ready(): Promise<void> {
    if (this.broken !== undefined) return Promise.reject(this.broken);
    return this.#whenReady.wait();
  }

  /** Fails what is queued; the tasks on their way are the pool's to fail. */
  break(error: Error): void {
    if (this.broken !== undefined) return;
    this.broken = error;
    for (const task of this.queue.clear()) {
      this.#host.withdrawn();
      task.fail(error);
      this.taskEnded(task);
    }
    this.#whenReady.fail(error);
  }
}
