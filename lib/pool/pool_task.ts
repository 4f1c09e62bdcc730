/** A task in a pool, with the data that the scheduler, the message and the future need. */

import type { TimeoutError } from '../errors.js';
import {
  type Future,
  type FutureOwner,
  createFuture,
  rejectFuture,
  requeueFuture,
  resolveFuture,
} from '../futures/future.js';
import { defaultKillAfter, type Kill } from '../futures/kill.js';
import type { UnobservedFailures } from '../futures/unobserved_failures.js';
import { encodedSize, type EncodedValue } from '../values/encoded_value.js';
import type { ValueCodec } from '../values/value_codec.js';
import type { Moment, Statistics } from './statistics.js';
import { LimitedTask, type Limitable, type TaskLimits } from './task_limits.js';
import type { Schedulable, TaskQueue } from '../scheduling/task_queue.js';

/** The owner of a task, which is informed of its cancellation. */
export interface TaskOwner {
  readonly id: number;
  readonly options: { readonly codec: ValueCodec | undefined };
  readonly unobservedFailures: UnobservedFailures;
  readonly queue: TaskQueue<PoolTask>;
  readonly statistics: Statistics;
  /** Takes a sent task back from its worker. Returns false if the task has begun there. */
  callBack(task: PoolTask): boolean;
  /** Called when the future was cancelled while the task waited. */
  cancelled(task: PoolTask): void;
  /** Called when the signal of a sent task was aborted. */
  abort(task: PoolTask, reason: unknown): void;
  /** Called when the task has reached its time limit. */
  expired(task: PoolTask, error: TimeoutError): void;
  /** Called when the future was cancelled while the task ran: `killAfter` milliseconds later its worker is ended. */
  killed(task: PoolTask, reason: unknown, killAfter: number): void;
  /** Called when the task has ended, in whatever way. */
  taskEnded(task: PoolTask): void;
}

// Most tasks are one call: a field would cost each of those that wait 8 bytes.
const callsOfChunks = new WeakMap<PoolTask, number>();

/** A call of a function, encoded when it was submitted. {@link begin} adds it to a client of a pool. */
export class PoolTask implements Schedulable, FutureOwner, Limitable {
  /** The number by which its worker, or the last worker that it was sent to, knows the task. */
  id = 0;
  owner!: TaskOwner;
  future!: Future<unknown>;
  /** The limits of a task with options. */
  limits: LimitedTask | null = null;
  /** The moment when the task was sent; before that, when it was submitted. */
  since!: Moment;

  /** The id of the function, or of the closure that defines it together with its variables. */
  readonly fn: number;
  /** The id of the function: calls of one kind are expected to take the same time. */
  readonly kind: number;
  /** The `taskFlags` for the worker. */
  flags: number;
  /** The encoded arguments; dropped once they have been sent and are not to be sent again. */
  value: EncodedValue | undefined;
  /**
   * The callee, and the functions among the arguments. They are kept because their definitions are, and because the task
   * may return them.
   */
  readonly keeps: object;
  /** The encoded size in bytes. */
  readonly size: number;
  worker = -1;
  charge = 0;
  queue: Schedulable['queue'] = null;
  previous: Schedulable | null = null;
  next: Schedulable | null = null;

  constructor(
    fn: number,
    kind: number,
    flags: number,
    value: EncodedValue,
    keeps: object,
    calls = 1,
  ) {
    this.fn = fn;
    this.kind = kind;
    this.flags = flags;
    this.value = value;
    this.keeps = keeps;
    if (calls !== 1) callsOfChunks.set(this, calls);
    this.size = typeof value === 'string' ? value.length : encodedSize(value);
  }

  /** The number of calls: a chunk of a map has more than one. */
  get calls(): number {
    return callsOfChunks.get(this) ?? 1;
  }

  /** True if the task was sent to a worker. It may have been called back since, or its worker was lost. */
  get wasSent(): boolean {
    return this.id !== 0;
  }

  /** Notes that `owner` submits the task, and returns its future. */
  begin(owner: TaskOwner, limits: TaskLimits | null, now: Moment): Future<unknown> {
    this.owner = owner;
    this.since = now;
    if (limits !== null) {
      this.limits = new LimitedTask(this, limits);
      this.flags |= limits.flags;
    }
    return (this.future = createFuture(this));
  }

  /** Notes that the worker of the task was lost and the task is at the front of its queue again. */
  waitAgain(now: Moment): void {
    this.since = now;
    requeueFuture(this.future);
    this.owner.queue.requeue(this);
  }

  /** The limits of the task; without options it has none until it is to be aborted. */
  limit(): LimitedTask {
    return (this.limits ??= new LimitedTask(this));
  }

  get alone(): boolean {
    return this.limits?.alone === true;
  }

  get unobservedFailures(): UnobservedFailures {
    return this.owner.unobservedFailures;
  }

  mayCancel(): boolean {
    return this.worker === -1 || this.owner.callBack(this);
  }

  onCancel(): void {
    this.owner.statistics.cancelled++;
    this.owner.cancelled(this);
  }

  onKill(_: Future<unknown>, reason: unknown, { killAfter }: Kill): void {
    this.owner.statistics.cancelled++;
    this.owner.killed(this, reason, killAfter ?? this.limits?.killAfter ?? defaultKillAfter);
  }

  abort(reason: unknown): void {
    this.owner.abort(this, reason);
  }

  expire(error: TimeoutError): void {
    this.owner.expired(this, error);
  }

  succeed(value: unknown): void {
    if (resolveFuture(this.future, value)) this.owner.statistics.done++;
  }

  fail(error: unknown): void {
    if (rejectFuture(this.future, error)) this.owner.statistics.failed++;
  }

  /** Makes the task fail because its worker was lost. */
  lose(error: Error): void {
    if (rejectFuture(this.future, error)) this.owner.statistics.lost++;
  }
}
