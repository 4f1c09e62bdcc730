import { Pool } from '../pool/pool.js';
import { sharedPool } from '../pool/shared_pool.js';
import { isWorker } from '../process/program_or_worker.js';
import { warnOnce } from '../warn_once.js';
import { SpawnedWorkers } from '../workers/spawned_workers.js';
import { poolsRunInThreads } from '../workers/threads/thread_fallback.js';
import { threadForProcesses, type ThreadWorkers } from '../workers/threads/thread_workers.js';
import { Executor } from './executor.js';
import { resolvePoolOptions, type PoolOptions, type ResolvedPoolOptions } from './options.js';

/**
 * Runs functions on a pool of MPI processes, like mpi4py's `MPIPoolExecutor`.
 *
 * Under the launcher (`mpiexec -n N mpi-futures app.js`) its workers are the other ranks, which all executors share. If
 * there is no other rank, and in a task on one of those ranks, its worker is one thread. Otherwise it spawns workers of
 * its own with `MPI_Comm_spawn`, when the first task is submitted.
 */
export class PoolExecutor extends Executor {
  /**
   * @param maxWorkers - the maximum number of workers to spawn; see {@link PoolOptions.maxWorkers}
   * @throws {TypeError | RangeError} for an option that is unknown or has a wrong value
   */
  constructor(maxWorkers: number, options?: PoolOptions);
  constructor(options?: PoolOptions);
  constructor(first: number | PoolOptions = {}, second: PoolOptions = {}) {
    const options = given?.options ?? resolvePoolOptions(first, second);
    const pool = given?.pool;
    super('PoolExecutor', options, () => pool ?? sharedPool() ?? new Pool(workersOf(options)));
  }
}

let given: { pool: Pool | undefined; options: ResolvedPoolOptions } | undefined;

/**
 * Makes a PoolExecutor with the workers of `pool`; undefined: with those that any PoolExecutor has here. The options
 * were checked before.
 */
export function poolExecutorOn(pool: Pool | undefined, options: ResolvedPoolOptions): PoolExecutor {
  given = { pool, options };
  try {
    return new PoolExecutor();
  } finally {
    given = undefined;
  }
}

function workersOf(options: ResolvedPoolOptions): SpawnedWorkers | ThreadWorkers {
  if (!poolsRunInThreads()) return new SpawnedWorkers(options);
  if (options.isolate && !isWorker()) warnOnce(...notIsolated);
  return threadForProcesses(options.bootTimeout);
}

const notIsolated = [
  'isolate: true has no effect here: with one rank the worker is a thread of this process. Start more ranks',
  { type: 'MPIFuturesWarning', code: 'MPI_FUTURES_NOT_ISOLATED' },
] as const;
