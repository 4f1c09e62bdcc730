/** Tasks in flight whose futures are done already, while a worker may still answer them; and when their workers are ended. */

import type { TimeoutError } from '../errors.js';
import { settledError } from '../futures/future.js';
import { startTimer } from '../futures/wait_limits.js';
import { warnOnce } from '../warn_once.js';
import type { PooledWorker } from './pooled_worker.js';
import type { PoolTask } from './pool_task.js';

/** The pool, as this file uses it. */
export interface PoolWithAbandoned {
  /** The workers by number. */
  readonly workers: readonly PooledWorker[];
  /** Aborts the signal of a sent task. */
  abort(task: PoolTask, reason: unknown): void;
  /** Ends the worker, where that can be done. */
  endWorker(worker: number, why: string): void;
  /** The tasks that the worker has not answered, in the order in which they were sent. */
  tasksOf(worker: number): PoolTask[];
  /** The task waits again, if its worker had not begun it. */
  callBack(task: PoolTask): boolean;
  /** Lets the program end if nothing else keeps it alive. */
  updateKeepAlive(): void;
}

/** Milliseconds between two looks whether a worker that is to be ended still runs another task. */
const shortestLook = 100;

/** The abandoned tasks of a pool, with what is planned for those that go on for too long. */
export class AbandonedTasks {
  readonly #pool: PoolWithAbandoned;
  readonly #tasks = new Map<PoolTask, NodeJS.Timeout | undefined>();

  constructor(pool: PoolWithAbandoned) {
    this.#pool = pool;
  }

  get size(): number {
    return this.#tasks.size;
  }

  has(task: PoolTask): boolean {
    return this.#tasks.has(task);
  }

  /**
   * Makes the future of a task fail now. The task stays in flight, and part of its worker's load, until the worker
   * answers or is lost.
   */
  add(task: PoolTask, error: Error): void {
    if (!task.future.done()) task.fail(error);
    task.limit(); // only of tasks with limits the pool asks if they are abandoned
    this.#tasks.set(task, undefined);
    task.owner.taskEnded(task);
  }

  /** Called when a task has reached its time limit. */
  expired(task: PoolTask, error: TimeoutError): void {
    if (this.has(task) || task.worker === -1) return;
    this.#pool.abort(task, error);
    this.add(task, error);
    this.#endWorkerAfter(task, task.limit().killAfter, 'a task had not ended after its timeout');
    this.#pool.updateKeepAlive();
  }

  /** Called when the future of a running task was cancelled: `killAfter` milliseconds later its worker is ended. */
  killed(task: PoolTask, reason: unknown, killAfter: number): void {
    if (task.worker === -1) return; // it was answered, and its result is being decoded
    const error = settledError(task.future) as Error;
    this.#pool.abort(task, reason ?? error);
    this.add(task, error);
    const { link } = this.#pool.workers[task.worker]!;
    if (link.end === undefined && killAfter < Infinity) warnOfNoEnd();
    this.#endWorkerAfter(task, killAfter, 'a task had not ended after it was cancelled');
    this.#pool.updateKeepAlive();
  }

  /** Notes that the task was answered, or its worker lost. Returns false for a task that was not abandoned. */
  delete(task: PoolTask): boolean {
    clearTimeout(this.#tasks.get(task));
    return this.#tasks.delete(task);
  }

  /** Forgets all of them, and what was planned. */
  clear(): void {
    for (const timer of this.#tasks.values()) clearTimeout(timer);
    this.#tasks.clear();
  }

  /** Ends the worker of an abandoned task. One that may be at another task is looked at again, `pause` milliseconds later. */
  endWorkerOf(task: PoolTask, why: string, pause = shortestLook, waited = false): void {
    if (this.#endWorkerAt(task, why, waited)) return;
    this.#pool.abort(task, settledError(task.future)); // if it has not begun, it is dropped
    this.#after(task, pause, () => {
      this.endWorkerOf(task, why, pause, true);
    });
  }

  /**
   * Ends the worker of the task, where that can be done; false if it may be at another task, which is not to end with it.
   *
   * @param waited - results that were on their way are here by now
   */
  #endWorkerAt(task: PoolTask, why: string, waited: boolean): boolean {
    const pool = this.#pool;
    const { link, wasEnded } = pool.workers[task.worker]!;
    if (link.end === undefined || wasEnded) return true;
    const tasks = pool.tasksOf(task.worker);
    const isFirst = tasks[0] === task;
    const behind = tasks.filter(({ id, future }) => id > task.id && !future.done());
    // The tasks before this one have ended, if it has begun. Their results come, or the worker keeps them for the message that this
    // task does not let it send.
    if (!isFirst && !waited) return false;
    if (link.endAt !== undefined) {
      link.endAt(task.id, behind.map(({ id }) => id)); // prettier-ignore
      return false;
    }
    // If one behind this one has begun, the result of this one is on the way. Where claims cannot be shared nobody knows.
    const isAtIt =
      link.claims === undefined ? isFirst : behind.reverse().every((other) => pool.callBack(other));
    if (!isAtIt) return false;
    pool.endWorker(task.worker, why);
    return true;
  }

  /** Ends the worker of an abandoned task, if that is not answered by then. */
  #endWorkerAfter(task: PoolTask, killAfter: number, why: string): void {
    this.#after(task, killAfter, () => {
      this.endWorkerOf(task, why, Math.max(killAfter, shortestLook));
    });
  }

  /** Calls `act` if the task is still abandoned, and not answered, `milliseconds` later. */
  #after(task: PoolTask, milliseconds: number, act: () => void): void {
    const timer = startTimer(milliseconds, () => {
      // Messages that came while this thread was busy are read first: the answer may be among them.
      setImmediate(() => {
        if (this.#tasks.get(task) === timer) act();
      });
    });
    clearTimeout(this.#tasks.get(task));
    this.#tasks.set(task, timer?.unref()); // nobody waits for the task
  }
}

function warnOfNoEnd(): void {
  warnOnce(
    'A running task was cancelled with kill, and its worker cannot be ended: an MPI process ends the whole program. ' +
      'The worker stays busy until the task ends. With isolate: true, and in a ThreadPoolExecutor, it is ended and replaced',
    { type: 'MPIFuturesWarning', code: 'MPI_FUTURES_CANNOT_KILL' },
  );
}
