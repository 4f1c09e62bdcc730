import { Pool } from '../pool/pool.js';
import { SpawnedWorkers } from '../workers/spawned_workers.js';
import { Executor } from './executor.js';
import { resolvePoolOptions, type PoolOptions } from './options.js';

/** A {@link PoolExecutor} that always spawns workers of its own, even under the launcher and in a task. */
export class ProcessPoolExecutor extends Executor {
  /**
   * @param maxWorkers - the maximum number of workers to spawn; see {@link PoolOptions.maxWorkers}
   * @throws {TypeError | RangeError} for an option that is unknown or has a wrong value
   */
  constructor(maxWorkers: number, options?: PoolOptions);
  constructor(options?: PoolOptions);
  constructor(first: number | PoolOptions = {}, second: PoolOptions = {}) {
    const options = resolvePoolOptions(first, second);
    super('ProcessPoolExecutor', options, () => new Pool(new SpawnedWorkers(options)));
  }
}
