/**
 * An executor's set-up on the workers of its pool: each gets it before the first task of the executor, and must answer within
 * `bootTimeout`.
 */

import { BrokenExecutorError } from '../errors.js';
import { Condition } from '../futures/condition.js';
import { startTimer } from '../futures/wait_limits.js';
import { encodeMessage, MessageKind, type ClientSetup } from '../tasks/messages.js';
import { warnIfSlow } from '../workers/slow_start.js';

/** The pool, as set-ups use it. Executors are named by their numbers. */
export interface PoolWithSetUps {
  /** The number of workers with which the pool has started. */
  readonly startedWith: number;
  /** True if the worker must do tasks of other executors first. */
  worksForOthers(worker: number, client: number): boolean;
  /** Called when workers have not answered in time. */
  setUpOverdue(client: number, error: BrokenExecutorError): void;
}

const why = 'its initializer, or the top level of a module, has not ended';

/** The set-up of one executor, and the workers that have not answered it. */
export class SetUp {
  readonly #pool: PoolWithSetUps;
  readonly #client: number;
  readonly #bootTimeout: number;
  #body: ClientSetup | undefined;
  #message: Uint8Array | undefined;
  readonly #missing = new Set<number>();
  #deadline: NodeJS.Timeout | undefined;
  #inTime: (() => void) | undefined;
  readonly #whenDone = new Condition(() => this.#missing.size === 0);

  /** @param bootTimeout - milliseconds for a worker to answer */
  constructor(pool: PoolWithSetUps, body: ClientSetup, bootTimeout: number) {
    this.#pool = pool;
    this.#client = body.client;
    this.#body = body;
    this.#bootTimeout = bootTimeout;
  }

  /** The message that each worker gets before its first task. It is encoded once, since it may be large. */
  message(memory: ((size: number) => Uint8Array) | undefined): Uint8Array {
    if (this.#message === undefined) {
      this.#message = encodeMessage(MessageKind.setup, this.#body, memory);
      this.#body = undefined;
    }
    return this.#message;
  }

  get isUnderWay(): boolean {
    return this.#missing.size > 0;
  }

  /** The workers that have not answered. */
  get missing(): readonly number[] {
    return [...this.#missing];
  }

  /** Notes that the message was sent to `worker`. */
  sent(worker: number): void {
    this.#missing.add(worker);
    this.#startLimit();
  }

  /** Notes that `worker` has answered, or is gone. */
  over(worker: number): void {
    this.#missing.delete(worker);
    if (this.#missing.size > 0) return;
    this.#stopLimit();
    this.#whenDone.check();
  }

  /** Resolves when every worker has answered, or is gone. */
  done(): Promise<void> {
    return this.#whenDone.wait();
  }

  /** Ends the waits for it. */
  fail(error: Error): void {
    this.#whenDone.fail(error);
  }

  /** Notes that no more workers will be set up. */
  close(): void {
    this.#stopLimit();
    this.#body = this.#message = undefined;
  }

  #startLimit(): void {
    this.#stopLimit();
    this.#inTime = warnIfSlow(this.#bootTimeout, () => {
      const silent = this.#silent();
      return silent && `${silent} not been set up: ${why}`;
    });
    this.#deadline = startTimer(this.#bootTimeout, () => {
      this.#overdue();
    });
    this.#deadline?.unref(); // the pool keeps the program alive meanwhile
  }

  #stopLimit(): void {
    clearTimeout(this.#deadline);
    this.#inTime?.();
  }

  #overdue(): void {
    const silent = this.#silent();
    if (silent === undefined) {
      this.#startLimit();
      return;
    }
    const message = `${silent} not been set up within ${this.#bootTimeout} ms: ${why} (option bootTimeout)`;
    this.#pool.setUpOverdue(this.#client, new BrokenExecutorError(message));
  }

  /** Names the workers that have not answered, with the verb that follows. One that must do tasks of other executors first is not silent. */
  #silent(): string | undefined {
    const silent = this.missing.filter(
      (worker) => !this.#pool.worksForOthers(worker, this.#client),
    );
    if (silent.length === 0) return undefined;
    const [worker, have] = silent.length === 1 ? ['Worker', 'has'] : ['Workers', 'have'];
    return `${worker} ${silent.join(', ')} of ${this.#pool.startedWith} ${have}`;
  }
}
