/** A task on its way through a pool: what the scheduler, the wire and the future need of it. */

import type { Future, FutureOwner } from '../futures/future.js';
import { rejectFuture } from '../futures/future_control.js';
import type { UnobservedFailures } from '../futures/unobserved_failures.js';
import type { FunctionDefinition } from '../tasks/messages.js';
import { encodedSize, type EncodedValue } from '../tasks/values.js';
import type { Schedulable } from './task_queue.js';

/** Whose task it is, and who is told of its cancellation. */
export interface TaskOwner {
  readonly id: number;
  readonly unobservedFailures: UnobservedFailures;
  /** The future was cancelled before the task was sent. */
  cancelled(task: PoolTask): void;
  /** The task has ended, one way or the other. */
  taskEnded(): void;
}

let nextId = 1;

export class PoolTask implements Schedulable, FutureOwner {
  readonly id = nextId++;
  readonly owner: TaskOwner;
  readonly definition: FunctionDefinition;
  readonly flags: number;
  /** The encoded arguments; dropped once they are sent. */
  value: EncodedValue | undefined;
  future!: Future<unknown>;

  readonly kind: number;
  readonly size: number;
  worker = -1;
  charge = 0;
  queue: Schedulable['queue'] = null;
  previous: Schedulable | null = null;
  next: Schedulable | null = null;

  constructor(
    owner: TaskOwner,
    definition: FunctionDefinition,
    flags: number,
    value: EncodedValue,
  ) {
    this.owner = owner;
    this.definition = definition;
    this.flags = flags;
    this.value = value;
    this.kind = definition.id;
    this.size = encodedSize(value);
  }

  get unobservedFailures(): UnobservedFailures {
    return this.owner.unobservedFailures;
  }

  onCancel(): void {
    this.owner.cancelled(this);
  }

  fail(error: unknown): void {
    if (this.future.state !== 'cancelled') rejectFuture(this.future, error);
  }
}
