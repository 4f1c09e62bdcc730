/** A task on its way through a pool: what the scheduler, the wire and the future need of it. */

import type { TimeoutError } from '../errors.js';
import type { Future, FutureOwner } from '../futures/future.js';
import { rejectFuture, resolveFuture } from '../futures/future_control.js';
import type { UnobservedFailures } from '../futures/unobserved_failures.js';
import { encodedSize, type EncodedValue } from '../values/encoded_value.js';
import type { ValueCodec } from '../values/value_codec.js';
import type { Moment, Statistics } from './statistics.js';
import { LimitedTask, type Limitable, type TaskLimits } from './task_limits.js';
import type { Schedulable, TaskQueue } from '../scheduling/task_queue.js';

/** A call, ready to be sent. */
export interface EncodedCall {
  /** Id of the function, or of what defines it together with its variables. */
  readonly fn: number;
  /** Id of the function: calls of one kind are expected to behave alike. */
  readonly kind: number;
  readonly flags: number;
  readonly value: EncodedValue;
  /** What it calls, and the functions with captured variables among its arguments: the task may return them. */
  readonly keeps: object;
}

/** Whose task it is, and who is told of its cancellation. */
export interface TaskOwner {
  readonly id: number;
  readonly options: { readonly codec: ValueCodec | undefined };
  readonly unobservedFailures: UnobservedFailures;
  readonly queue: TaskQueue<PoolTask>;
  readonly statistics: Statistics;
  /** The future was cancelled before the task was sent. */
  cancelled(task: PoolTask): void;
  /** The signal of the task, which was sent, was aborted. */
  abort(task: PoolTask, reason: unknown): void;
  /** The task has run for as long as it may. */
  expired(task: PoolTask, error: TimeoutError): void;
  /** The task has ended, one way or the other. */
  taskEnded(task: PoolTask): void;
}

let nextId = 1;

export class PoolTask implements Schedulable, FutureOwner, Limitable {
  readonly id = nextId++;
  readonly owner: TaskOwner;
  readonly flags: number;
  /** The encoded arguments; dropped once they are sent for the last time. */
  value: EncodedValue | undefined;
  future!: Future<unknown>;
  /** For a task with options. */
  readonly limits: LimitedTask | null;
  readonly alone: boolean;
  /** When it was sent; before that, when it was submitted. */
  since: Moment;

  /** What must not be collected before the task has ended. */
  readonly keeps: object;
  /** What the worker finds its function by. */
  readonly fn: number;
  /** What it is expected to behave like. */
  readonly kind: number;
  readonly size: number;
  worker = -1;
  /** Its future has failed while its worker may still answer. */
  abandoned = false;
  charge = 0;
  queue: Schedulable['queue'] = null;
  previous: Schedulable | null = null;
  next: Schedulable | null = null;

  constructor(
    owner: TaskOwner,
    { fn, kind, flags, value, keeps }: EncodedCall,
    limits: TaskLimits | null,
    now: Moment,
  ) {
    this.owner = owner;
    this.since = now;
    this.limits = limits === null ? null : new LimitedTask(this, limits);
    this.alone = this.limits?.alone === true;
    this.fn = fn;
    this.kind = kind;
    this.keeps = keeps;
    this.flags = limits === null ? flags : flags | limits.flags;
    this.value = value;
    this.size = encodedSize(value);
  }

  get unobservedFailures(): UnobservedFailures {
    return this.owner.unobservedFailures;
  }

  onCancel(): void {
    this.owner.statistics.cancelled++;
    this.owner.cancelled(this);
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

  /** Its worker was lost. */
  lose(error: Error): void {
    if (rejectFuture(this.future, error)) this.owner.statistics.lost++;
  }
}
