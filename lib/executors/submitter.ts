import { inspect, type InspectOptions } from 'node:util';

import { type Future, createFuture } from '../futures/future.js';
import type { TaskLimits } from '../pool/task_limits.js';
import { notToBeSent } from '../values/refusing/explanations.js';
import type { AnyFunction } from '../values/functions_in_out.js';
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

/** Takes tasks: an executor, or the same executor seen with task options. */
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
   * The same executor, with options for the tasks that are submitted through what is returned, by `submit`, `map` or
   * `starmap`. Options that are left out stay as they are here. There is nothing to shut down.
   *
   * @throws {TypeError | RangeError} for an option that is unknown or has a wrong value
   */
  with(options: TaskOptions): Submitter {
    const limits = resolveTaskOptions(options, this.#limits);
    return new Submitter(this.#lifecycle, this.#encoder, this.#maxWorkers, limits);
  }

  /**
   * Calls `fn(...args)` on a worker and returns a future of its result. The arguments are copied now. Whatever goes wrong
   * later, also a value that cannot be sent, is the failure of the future.
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
   * Calls `fn` on the workers with the first elements of all sources, with the second ones, and so on to the end of the
   * shortest, and gives the results in order. It starts at the call. Sources are iterables, also asynchronous and endless
   * ones; the last argument may be {@link MapOptions}. The first failure ends the iteration and cancels the rest.
   *
   * @throws {TypeError | RangeError} if `fn` is not a function, for what is no source, and for wrong options
   * @throws {ExecutorShutdownError} after `shutdown`
   * @throws {BrokenExecutorError} when no task can run any more
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

  /** As {@link map}, with one source of argument lists: `fn(...tuple)` for each tuple of it. Throws as {@link map} does. */
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
