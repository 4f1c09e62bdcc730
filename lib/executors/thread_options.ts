/** The options of a pool of threads: those options of a process pool that have a meaning for threads. */

import { availableParallelism } from 'node:os';

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
  restart: 'a thread that was lost is not replaced',
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
}

/** The options, checked and complete. */
export interface ResolvedThreadPoolOptions extends ResolvedPoolOptions {
  readonly maxWorkers: number;
}

const known = {
  ...knownPoolOptions,
  of: 'ThreadPoolExecutor',
  names: knownPoolOptions.names.filter((name) => !isRefused(name)),
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
  const options = resolvePoolOptions(first, second, known);
  return { ...options, maxWorkers: options.maxWorkers ?? availableParallelism() };
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
