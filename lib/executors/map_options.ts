import { argumentTypeError } from '../argument_errors.js';
import { isWorker } from '../process/program_or_worker.js';
import type { ProgressOption } from '../progress/progress_option.js';
import {
  validateAbortSignal,
  validateBoolean,
  validateOptions,
  validatePositiveInteger,
  validateTimeout,
  type KnownOptions,
} from '../validators.js';
import { booleanOfEnvironment } from './boolean_of_environment.js';

/** Options of `map` and `starmap`. */
export interface MapOptions {
  /**
   * The time limit for all results, in milliseconds from the call. After it, the next result that is not ready is a
   * `TimeoutError`, and the rest is cancelled. Default: no limit.
   */
  timeout?: number | undefined;
  /**
   * The number of calls that are sent as one task: cheaper for many short calls. If one fails, all of them fail.
   * Default: 1.
   */
  chunkSize?: number | undefined;
  /**
   * The largest number of results that are pending or not yet taken; a chunk is never larger. Default: all, for arrays,
   * typed arrays, strings, Sets and Maps; otherwise as many as keep all workers busy.
   */
  bufferSize?: number | undefined;
  /** True: results come in order of completion. False: in the order of the sources. Default: false. */
  unordered?: boolean | undefined;
  /** A signal whose abort cancels what is left; its reason is the error of the next result. Default: none. */
  signal?: AbortSignal | undefined;
  /**
   * True, or a label: the number of calls that are done, their rate and the time left are shown on stderr, on a terminal as a
   * bar, elsewhere as a line now and then. A function: it is called with a `MapProgress`, at most ten times in a second, each
   * second while calls run, and at the end. Default: `MPI_FUTURES_PROGRESS` (`mpi-futures --progress PROGRAM`), else false.
   */
  progress?: ProgressOption | undefined;
}

/** The options, checked and with defaults. */
export interface ResolvedMapOptions {
  readonly timeout: number;
  readonly chunkSize: number;
  readonly bufferSize: number | undefined;
  readonly unordered: boolean;
  readonly signal: AbortSignal | undefined;
  readonly progress: ProgressOption;
}

const known: KnownOptions = {
  of: 'map',
  names: ['timeout', 'chunkSize', 'bufferSize', 'unordered', 'signal', 'progress'],
  synonyms: { concurrency: 'bufferSize', ordered: 'unordered', abortSignal: 'signal' },
};

/**
 * Checks `options` and fills in defaults.
 *
 * @throws {TypeError | RangeError} that names the option
 */
export function resolveMapOptions(options: MapOptions): ResolvedMapOptions {
  validateOptions(options, known);
  const { timeout = Infinity, chunkSize = 1, bufferSize, unordered = false, signal } = options;
  const { progress = progressOfEnvironment() } = options;
  validateTimeout(timeout, 'timeout');
  validatePositiveInteger(chunkSize, 'chunkSize');
  if (bufferSize !== undefined && bufferSize !== Infinity) {
    validatePositiveInteger(bufferSize, 'bufferSize');
  }
  validateBoolean(unordered, 'unordered');
  if (signal !== undefined) validateAbortSignal(signal, 'signal');
  if (!['boolean', 'string', 'function'].includes(typeof progress))
    throw argumentTypeError('true, a label or a function', 'progress', progress);
  return {
    timeout,
    chunkSize: Math.min(chunkSize, bufferSize ?? Infinity),
    bufferSize,
    unordered,
    signal,
    progress,
  };
}

/** A pool that a task has made shows nothing: the program has the terminal. */
function progressOfEnvironment(): boolean {
  return booleanOfEnvironment('MPI_FUTURES_PROGRESS', false) && !isWorker();
}

/** Separates the sources of a map from its options: a plain object at the end that is not iterable. */
export function splitMapArguments(sourcesAndOptions: readonly unknown[]): {
  sources: readonly unknown[];
  options: MapOptions;
} {
  const last = sourcesAndOptions.at(-1);
  if (!isPlainObject(last) || Symbol.iterator in last || Symbol.asyncIterator in last) {
    return { sources: sourcesAndOptions, options: {} };
  }
  return { sources: sourcesAndOptions.slice(0, -1), options: last };
}

// Plain in any realm: the prototype, if there is one, has no prototype itself.
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
