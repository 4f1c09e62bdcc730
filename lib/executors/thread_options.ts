/** The options of a pool of threads: those options of a process pool that have a meaning for threads. */

import { availableParallelism } from 'node:os';
import type { ResourceLimits } from 'node:worker_threads';

import { argumentRangeError, argumentTypeError } from '../argument_errors.js';
import { validateOptions } from '../validators.js';

import {
  knownPoolOptions,
  resolvePoolOptions,
  type PoolOptions,
  type ResolvedPoolOptions,
} from './options.js';

/** The reasons why threads do not have these options. */
const refused = {
  execPath: 'threads run in the Node.js of this process',
  mpiInfo: 'threads are not started by MPI',
  cwd: 'process.chdir() does not exist in threads, whose working directory is that of the process',
  backoff: 'threads wake each other at once',
  outOfBand: 'buffers are handed over to threads in any case',
  heartbeat: 'the end of a thread is noticed at once',
  isolate: 'threads are in one process, and end with it',
  restart: 'a thread that was lost is always replaced',
} as const;

/** Options of `ThreadPoolExecutor`: those options of a process pool that have a meaning for threads. */
export interface ThreadPoolOptions extends Omit<PoolOptions, keyof typeof refused> {
  /** The number of threads. Default: `MPI_FUTURES_MAX_WORKERS`, else `os.availableParallelism()`. */
  maxWorkers?: number | undefined;
  /**
   * Node.js flags of the threads, in addition to those of this thread. V8 flags have no effect on threads. Default:
   * none.
   */
  execArgv?: readonly string[] | undefined;
  /**
   * The memory of each thread, in MB, as for `new Worker` of node:worker_threads. A thread that needs more is lost: the `code`
   * of the `cause` is `ERR_WORKER_OUT_OF_MEMORY`. Default: that of Node.js.
   */
  resourceLimits?: ResourceLimits | undefined;
}

/** The options, checked and complete. */
export interface ResolvedThreadPoolOptions extends ResolvedPoolOptions {
  readonly maxWorkers: number;
  readonly resourceLimits: ResourceLimits | undefined;
}

const known = {
  ...knownPoolOptions,
  of: 'ThreadPoolExecutor',
  replacesWorkers: true,
  names: knownPoolOptions.names.filter((name) => !isRefused(name)),
};

const knownLimits = {
  of: 'resourceLimits',
  names: [
    'maxOldGenerationSizeMb',
    'maxYoungGenerationSizeMb',
    'codeRangeSizeMb',
    'stackSizeMb',
  ] satisfies (keyof ResourceLimits)[],
};

/**
 * Checks the arguments of the constructor, `(options)` or `(maxWorkers, options)`, and fills in defaults.
 *
 * @throws {TypeError | RangeError} that names the option
 */
export function resolveThreadPoolOptions(
  first: number | ThreadPoolOptions,
  second: ThreadPoolOptions,
): ResolvedThreadPoolOptions {
  refuse(first);
  refuse(second);
  const [one, limitsOfOne] = withoutLimits(first);
  const [other, limitsOfOther] = withoutLimits(second);
  const options = resolvePoolOptions(one, other, known);
  return {
    ...options,
    maxWorkers: options.maxWorkers ?? availableParallelism(),
    resourceLimits: limitsOfOne ?? limitsOfOther,
  };
}

/** Takes the option that only threads have out of the others. */
function withoutLimits<T extends number | ThreadPoolOptions>(
  options: T,
): [T, ResourceLimits | undefined] {
  if (typeof options !== 'object' || (options as unknown) === null) return [options, undefined];
  const { resourceLimits, ...others } = options;
  if (resourceLimits !== undefined) validateLimits(resourceLimits);
  return [others as T, resourceLimits];
}

function validateLimits(limits: unknown): void {
  validateOptions(limits, knownLimits);
  for (const [name, value] of Object.entries(limits) as [string, unknown][]) {
    const expected = 'a number of MB, more than 0,';
    if (typeof value !== 'number')
      throw argumentTypeError(expected, `resourceLimits.${name}`, value);
    if (!(value > 0 && value < Infinity))
      throw argumentRangeError(expected, `resourceLimits.${name}`, value);
  }
}

function refuse(options: unknown): void {
  if (typeof options !== 'object' || options === null) return;
  for (const name of Object.keys(options)) {
    if (!isRefused(name)) continue;
    const message = `ThreadPoolExecutor does not take ${name}: ${refused[name]}`;
    throw Object.assign(new TypeError(message), { code: 'ERR_UNKNOWN_OPTION' });
  }
}

function isRefused(name: string): name is keyof typeof refused {
  return Object.hasOwn(refused, name);
}
