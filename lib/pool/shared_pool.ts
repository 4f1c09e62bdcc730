/** The pool of the workers that the launcher started together with this process; all executors share it. */

import { Pool } from './pool.js';
import type { WorkerSource } from '../workers/worker_source.js';

let pool: Pool | undefined;

/** Makes `source` the workers of every executor of this process. */
export function shareWorkers(source: WorkerSource): Pool {
  return (pool = new Pool(source));
}

/** The pool that all executors share; undefined if each has its own. */
export function sharedPool(): Pool | undefined {
  return pool;
}
