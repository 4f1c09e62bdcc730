import {
  validateAbortSignal,
  validateBoolean,
  validateOptions,
  validatePositiveInteger,
  validateTimeout,
  type KnownOptions,
} from '../validators.js';

/** Options of `map` and `starmap`. */
export interface MapOptions {
  /**
   * Milliseconds from the call for all results. When they are over, the next result that is not
   * there is a `TimeoutError`, and the rest is cancelled. Default: no limit.
   */
  timeout?: number | undefined;
  /**
   * How many calls travel as one task: cheaper for many short ones. If one fails, all of them do.
   * Default: 1.
   */
  chunkSize?: number | undefined;
  /**
   * The most results that are on their way or wait to be taken; a chunk is never larger. Default:
   * all, for arrays, typed arrays, strings, Sets and Maps; else as many as keep all workers busy.
   */
  bufferSize?: number | undefined;
  /** True: results are given as they come, not in the order of the sources. Default: false. */
  unordered?: boolean | undefined;
  /** Its abort cancels what is left; its reason is the error of the next result. Default: none. */
  signal?: AbortSignal | undefined;
}

/** Checked, with defaults. */
export interface ResolvedMapOptions {
  readonly timeout: number;
  readonly chunkSize: number;
  readonly bufferSize: number | undefined;
  readonly unordered: boolean;
  readonly signal: AbortSignal | undefined;
}

const known: KnownOptions = {
  of: 'map',
  names: ['timeout', 'chunkSize', 'bufferSize', 'unordered', 'signal'],
  synonyms: { concurrency: 'bufferSize', ordered: 'unordered', abortSignal: 'signal' },
};

/**
 * Checks `options` and fills in defaults.
 * @throws {TypeError | RangeError} that names the option
 */
export function resolveMapOptions(options: MapOptions): ResolvedMapOptions {
  validateOptions(options, known);
  const { timeout = Infinity, chunkSize = 1, bufferSize, unordered = false, signal } = options;
  validateTimeout(timeout, 'timeout');
  validatePositiveInteger(chunkSize, 'chunkSize');
  if (bufferSize !== undefined && bufferSize !== Infinity) {
    validatePositiveInteger(bufferSize, 'bufferSize');
  }
  validateBoolean(unordered, 'unordered');
  if (signal !== undefined) validateAbortSignal(signal, 'signal');
  return {
    timeout,
    chunkSize: Math.min(chunkSize, bufferSize ?? Infinity),
    bufferSize,
    unordered,
    signal,
  };
}

/** Parts the sources of a map from its options: a plain object, at the end, not iterable. */
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

// Of any realm: its prototype, if it has one, has none.
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
