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
import { startTimer } from '../futures/wait_limits.js';
import { encodeMessage, MessageKind, type ClientSetup } from '../tasks/messages.js';
import type { ValueCodec } from '../values/value_codec.js';
import type { PoolTask, TaskOwner } from './pool_task.js';
import { Statistics, type ExecutorStatistics, type Moment } from './statistics.js';
import type { TaskLimits } from './task_limits.js';
import { warnIfSlow } from '../workers/slow_start.js';
import type { TaskQueue } from '../scheduling/task_queue.js';

/** The pool, as its clients use it. */
export interface ClientPool {
  /** The present time. Tasks that are submitted together share one reading of the clock. */
  now(): Moment;
  /** Called when a task was added to the queue of the client. */
  submitted(): void;
  /** Called when a task was removed from the queue of the client. */
  withdrawn(): void;
  /** A task that was sent is to wait again. False if it has begun. */
  callBack(task: PoolTask): boolean;
  /** As {@link callBack} for all of the client. */
  callBackAll(client: Client): void;
  /** Called when the signal of a sent task was aborted. */
  abort(task: PoolTask, reason: unknown): void;
  /** Called when a task has reached its time limit. */
  expired(task: PoolTask, error: TimeoutError): void;
  /** Called when the future of a running task was cancelled: `killAfter` milliseconds later its worker is ended. */
  killed(task: PoolTask, reason: unknown, killAfter: number): void;
  /** Called when a worker has not answered the set-up within the client's `bootTimeout`. */
  setUpOverdue(client: Client): void;
  /**
   * Describes in a sentence the workers that have not answered the set-up, and why; undefined if all of them must do
   * tasks of other clients first.
   */
  notSetUp(client: Client): string | undefined;
}

/** When a worker is replaced by a fresh one, between two tasks. */
export interface Recycling {
  /** The number of tasks after which it is; `Infinity`: never. */
  readonly maxTasks: number;
}

/** The options of an executor that its pool must know. */
export interface ClientOptions {
  readonly setup: Omit<ClientSetup, 'client'>;
  /** The ids of the functions in the set-up. */
  readonly functions: readonly number[];
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
  #setup: ClientOptions['setup'] | undefined;
  #setupMessage: Uint8Array | undefined;
  /** The reason why this client can run nothing any more. */
  broken: Error | undefined;
  /** The number of isolated workers that have died in the set-up. */
  deathsInSetUp = 0;
  readonly #host: ClientPool;
  #unfinished = 0;
  readonly #whenFinished = new Condition(() => this.#unfinished === 0);
  readonly #notReady = new Set<number>();
  #setUpDeadline: NodeJS.Timeout | undefined;
  #setUpInTime: (() => void) | undefined;
  readonly #whenReady = new Condition(() => this.#notReady.size === 0);

  constructor(host: ClientPool, queue: TaskQueue<PoolTask>, id: number, options: ClientOptions) {
    this.#host = host;
    this.queue = queue;
    this.id = id;
    const { setup, ...others } = options;
    this.options = others;
    this.#setup = setup;
  }

  /** The message that each worker gets before its first task. It is encoded once, since it may be large. */
  setupMessage(memory: ((size: number) => Uint8Array) | undefined): Uint8Array {
    if (this.#setupMessage === undefined) {
      const setup = { ...this.#setup!, client: this.id } satisfies ClientSetup;
      this.#setupMessage = encodeMessage(MessageKind.setup, setup, memory);
      this.#setup = undefined;
    }
    return this.#setupMessage;
  }

  /** Notes that no more workers will be set up. */
  close(): void {
    this.#stopWaiting();
    this.queue.close();
    this.#setup = this.#setupMessage = undefined;
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
    return this.statistics.snapshot(this.queue.length);
  }

  callBack(task: PoolTask): boolean {
    return this.#host.callBack(task);
  }

  /** A future of this client was cancelled while its task waited. */
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

  killed(task: PoolTask, reason: unknown, killAfter: number): void {
    this.#host.killed(task, reason, killAfter);
  }

  /** Cancels all tasks that have not begun. */
  cancelQueued(): void {
    this.#host.callBackAll(this);
    for (const task of this.queue.clear()) {
      this.#host.withdrawn();
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

  get isSettingUp(): boolean {
    return this.#notReady.size > 0;
  }

  /** The workers that have not answered the set-up. */
  get notReady(): readonly number[] {
    return [...this.#notReady];
  }

  /** Notes that the set-up was sent to `worker`. */
  settingUp(worker: number): void {
    this.#notReady.add(worker);
    this.waitForSetUp();
  }

  /** Starts the limit `bootTimeout`. */
  waitForSetUp(): void {
    const { bootTimeout } = this.options;
    this.#stopWaiting();
    this.#setUpInTime = warnIfSlow(bootTimeout, () => this.#host.notSetUp(this));
    this.#setUpDeadline = startTimer(bootTimeout, () => {
      this.#host.setUpOverdue(this);
    });
    this.#setUpDeadline?.unref(); // the pool keeps the program alive meanwhile
  }

  /** Notes that `worker` has answered, or is gone. */
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

  /** Resolves when every worker has been set up; rejects if one could not be. */
  ready(): Promise<void> {
    if (this.broken !== undefined) return Promise.reject(this.broken);
    return this.#whenReady.wait();
  }

  /** Makes the queued tasks fail. The pool does so for those that were sent. */
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
