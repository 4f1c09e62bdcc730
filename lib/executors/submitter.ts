import { inspect, type InspectOptions } from 'node:util';

import { type Future, cancelFuture, createFuture } from '../futures/future.js';
import type { TaskLimits } from '../pool/task_limits.js';
import { notToBeSent } from '../values/refusing/explanations.js';
import type { AnyFunction } from '../values/functions_in_out.js';
import { show } from '../show.js';
import { validateFunction } from '../validators.js';
import { groupedSource, zipSources } from './argument_lists.js';
import type { Lifecycle } from './lifecycle.js';
import type { MapTarget } from './map_feed.js';
import { resolveMapOptions, splitMapArguments, type MapOptions } from './map_options.js';
import { MapResults } from './map_results.js';
import type { Source, Sources } from './source_readers.js';
import type { Callee, TaskEncoder } from './task_encoder.js';
import { resolveTaskOptions, type TaskOptions } from './task_options.js';

/** The number of elements per worker that are read ahead of the results, from a source of unknown length. */
const tasksAheadPerWorker = 256;

/** Takes tasks: an executor, or a view of it with task options. */
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
   * @param maxWorkers - the number of workers to come, as far as it is known before they start
   * @param limits - the limits of its tasks, if they have any
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
   * Returns a view of this executor with options for the tasks that are submitted through it, by `submit`, `map` or
   * `starmap`. Options that are not given stay as they are here. A view need not be shut down.
   *
   * @throws {TypeError | RangeError} for an option that is unknown or has a wrong value
   */
  with(options: TaskOptions): Submitter {
    const limits = resolveTaskOptions(options, this.#limits);
    return new Submitter(this.#lifecycle, this.#encoder, this.#maxWorkers, limits);
  }

  /**
   * Calls `fn(...args)` on a worker and returns a future of its result. The arguments are copied at once. Any later
   * error, including a value that cannot be sent, makes the future fail.
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
   * Calls `fn` on the workers with the first elements of all sources, then with the second ones, and so on to the end
   * of the shortest source. Returns the results in order. Starts at the call.
   *
   * Sources are iterables, which may be asynchronous or endless; the last argument may be {@link MapOptions}. The first
   * failure ends the iteration and cancels the rest.
   *
   * @throws {TypeError | RangeError} if `fn` is not a function, for an argument that is not a source, and for wrong
   *   options
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
    const target = this.#mapTarget(fn);
    return new MapResults(target, resolveMapOptions(options), zipSources(sources));
  }

  /**
   * Like {@link map}, with one source of argument lists: calls `fn(...tuple)` for each tuple. Throws as {@link map}
   * does.
   */
  starmap<A extends readonly unknown[] | [], R>(
    fn: (...args: A) => R,
    tuples: Source<A>,
    options: MapOptions = {},
  ): MapResults<Awaited<R>> {
    validateFunction(fn, 'fn');
    this.#lifecycle.checkOpen();
    const target = this.#mapTarget(fn) as MapTarget<Awaited<R>>;
    return new MapResults(target, resolveMapOptions(options), groupedSource(tuples));
  }

  /** Shows in `util.inspect` whether it takes tasks, and how many are in each state. */
  [inspect.custom](depth: number | null, options: InspectOptions): string {
    const { name } = this.constructor;
    if (!(#lifecycle in this)) return `${name} {}`; // it stands for an executor, as a proxy does
    return show(this, name, this.#lifecycle.describe(), depth, options);
  }

  #submit(callee: Callee, args: readonly unknown[], isChunk: boolean): Future<unknown> {
    this.#lifecycle.checkOpen();
    const limits = this.#limits;
    if (isAborted(limits)) return cancelledFuture(limits?.signal?.reason);
    const { pool, client } = this.#lifecycle.start();
    this.#lifecycle.checkOpen(); // the set-up may have failed this moment
    try {
      const task = this.#encoder.encode(callee, args, isChunk, pool.snapshot);
      // Encoding may run code of the user's: toJSON, getters.
      if (isAborted(limits)) return cancelledFuture(limits?.signal?.reason);
      return client.submit(task, limits);
    } catch (error) {
      return client.refused(error);
    }
  }

  #mapTarget(fn: AnyFunction): MapTarget<unknown> {
    this.#lifecycle.start(); // MPI starts while the function is looked up
    const frozen = this.#encoder.freeze(fn);
    return {
      name: nameOf(fn),
      submit: (args) => this.#submit(frozen, args, false),
      submitChunk: (argumentLists) =>
        this.#submit(frozen, argumentLists, true) as Future<unknown[]>,
      defaultWindow: () =>
        tasksAheadPerWorker * Math.max(this.#lifecycle.numWorkers, this.#maxWorkers),
    };
  }
}

function nameOf(fn: AnyFunction): string {
  try {
    return fn.name || 'map';
  } catch {
    return 'map'; // a proxy
  }
}

function isAborted(limits: TaskLimits | null): boolean {
  return limits?.signal?.aborted === true;
}

function cancelledFuture(reason: unknown): Future<unknown> {
  const future = createFuture<unknown>();
  cancelFuture(future, reason);
  return future;
}
