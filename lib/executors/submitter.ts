import { inspect, type InspectOptions } from 'node:util';

import type { Future } from '../futures/future.js';
import { createFuture } from '../futures/future_control.js';
import type { TaskLimits } from '../pool/task_limits.js';
import { notToBeSent } from '../values/refusing/explanations.js';
import type { AnyFunction } from '../values/functions.js';
import { show } from '../show.js';
import { validateFunction } from '../validators.js';
import type { Lifecycle } from './lifecycle.js';
import {
  mapTasks,
  splitMapArguments,
  starmapTasks,
  type MapOptions,
  type MapResults,
  type MapTarget,
  type Source,
  type Sources,
} from './map.js';
import type { Callee, TaskEncoder } from './task_encoder.js';
import { resolveTaskOptions, type TaskOptions } from './task_options.js';

/** Of an input whose length is not known, so many elements per worker are taken ahead of the results. */
const tasksAheadPerWorker = 256;

/** What tasks are submitted to: an executor, or the same executor seen with task options. */
export class Submitter {
  static {
    notToBeSent(this, 'its workers belong to this process; make an executor inside the task');
  }

  static {
    Object.defineProperty(this, 'name', { value: 'Submitter' }); // a bundler may have renamed it
  }

  readonly #lifecycle: Lifecycle;
  readonly #encoder: TaskEncoder;
  readonly #maxWorkers: number;
  readonly #limits: TaskLimits | null;

  /**
   * @param maxWorkers - how many workers there will be, as far as that is known before they are there
   * @param limits - of its tasks, if they have any
   */
  constructor(
    lifecycle: Lifecycle,
    encoder: TaskEncoder,
    maxWorkers: number,
    limits: TaskLimits | null = null,
  ) {
    this.#lifecycle = lifecycle;
    this.#encoder = encoder;
    this.#maxWorkers = maxWorkers;
    this.#limits = limits;
  }

  /**
   * The same executor with options for the tasks that are submitted through what is returned, be it by `submit`, `map` or
   * `starmap`. Options that are left out stay as they are here.
   *
   * @throws {TypeError | RangeError} for an option that is unknown or has a wrong value
   */
  with(options: TaskOptions): Submitter {
    const limits = resolveTaskOptions(options, this.#limits);
    return new Submitter(this.#lifecycle, this.#encoder, this.#maxWorkers, limits);
  }

  /**
   * Schedules `fn(...args)` on a worker and returns a future of its result. The arguments are copied now.
   *
   * @throws {TypeError} if `fn` is not a function
   * @throws {ExecutorShutdownError} after `shutdown`
   * @throws {BrokenExecutorError} when no task can run any more
   */
  submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Future<Awaited<R>> {
    validateFunction(fn, 'fn');
    return this.#submit(fn, args, false) as Future<Awaited<R>>;
  }

  /**
   * Calls `fn` with the first elements of all sources, with the second ones, and so on, and gives the results in order.
   * Starts at the call. Ends with the shortest source. The last argument may be {@link MapOptions}.
   */
  map<A extends [unknown, ...unknown[]], R>(
    fn: (...args: A) => R,
    ...sources: Sources<A>
  ): MapResults<Awaited<R>>;
  map<A extends [unknown, ...unknown[]], R>(
    fn: (...args: A) => R,
    ...sourcesAndOptions: [...Sources<A>, MapOptions]
  ): MapResults<Awaited<R>>;
  map(fn: AnyFunction, ...sourcesAndOptions: unknown[]): MapResults<unknown> {
    validateFunction(fn, 'fn');
    this.#lifecycle.checkOpen();
    const { sources, options } = splitMapArguments(sourcesAndOptions);
    return mapTasks(this.#mapTarget(fn), sources, options);
  }

  /** As {@link map}, for arguments that are grouped already: `fn(...tuple)` for each tuple of the source. */
  starmap<A extends readonly unknown[] | [], R>(
    fn: (...args: A) => R,
    tuples: Source<A>,
    options: MapOptions = {},
  ): MapResults<Awaited<R>> {
    validateFunction(fn, 'fn');
    this.#lifecycle.checkOpen();
    return starmapTasks(this.#mapTarget(fn), tuples, options) as MapResults<Awaited<R>>;
  }

  /** For `util.inspect`: whether it takes tasks, and how many are where. */
  [inspect.custom](depth: number | null, options: InspectOptions): string {
    return show(this, this.constructor.name, this.#lifecycle.describe(), depth, options);
  }

  #submit(callee: Callee, args: unknown, isChunk: boolean): Future<unknown> {
    this.#lifecycle.checkOpen();
    const limits = this.#limits;
    if (isAborted(limits)) return cancelledFuture(limits?.signal?.reason);
    const { pool, tenant } = this.#lifecycle.start();
    this.#lifecycle.checkOpen(); // the set-up may have failed this moment
    try {
      const task = this.#encoder.encode(callee, args, isChunk, pool.snapshot);
      // Encoding may run code of the user's: toJSON, getters.
      if (isAborted(limits)) return cancelledFuture(limits?.signal?.reason);
      return tenant.submit(task, limits);
    } catch (error) {
      return tenant.refused(error);
    }
  }

  #mapTarget(fn: AnyFunction): MapTarget<unknown> {
    this.#lifecycle.start(); // MPI starts while the function is looked up
    const frozen = this.#encoder.freeze(fn);
    return {
      submit: (args) => this.#submit(frozen, args, false),
      submitChunk: (argumentLists) =>
        this.#submit(frozen, argumentLists, true) as Future<unknown[]>,
      defaultWindow: () =>
        tasksAheadPerWorker * Math.max(this.#lifecycle.numWorkers, this.#maxWorkers),
    };
  }
}

function isAborted(limits: TaskLimits | null): boolean {
  return limits?.signal?.aborted === true;
}

function cancelledFuture(reason: unknown): Future<unknown> {
  const future = createFuture<unknown>();
  future.cancel(reason);
  return future;
}
