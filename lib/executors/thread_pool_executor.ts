import { Pool } from '../pool/pool.js';
import { ThreadWorkers } from '../workers/threads/thread_workers.js';
import { Executor } from './executor.js';
import { resolveThreadPoolOptions, type ThreadPoolOptions } from './thread_options.js';

/**
 * Runs functions on worker threads of this process, and otherwise works like {@link PoolExecutor}. It needs no MPI, and
 * loads none.
 */
export class ThreadPoolExecutor extends Executor {
  /**
   * @param maxWorkers - the number of threads; see {@link ThreadPoolOptions.maxWorkers}
   * @throws {TypeError | RangeError} for an option that is unknown, has no meaning for threads, or has a wrong value
   */
  constructor(maxWorkers: number, options?: ThreadPoolOptions);
  constructor(options?: ThreadPoolOptions);
  constructor(first: number | ThreadPoolOptions = {}, second: ThreadPoolOptions = {}) {
    const options = resolveThreadPoolOptions(first, second);
    super('ThreadPoolExecutor', options, () => new Pool(new ThreadWorkers(options)));
  }
}
