/** The role that this process has in an entered CommExecutor: master or worker. */

import type { Communicator } from '../mpi/communicator.js';
import { nativeOf } from '../mpi/native_handles.js';
import { poolExecutorOn, type PoolExecutor } from '../executors/pool_executor.js';
import type { ResolvedPoolOptions } from '../executors/options.js';
import { processEnding } from '../addon/ending.js';
import { startMpi, type MpiProcess } from '../addon/mpi_process.js';
import { CommunicatorWorkers } from '../workers/communicator_workers.js';
import { Pool } from '../pool/pool.js';
import { markAsProgram, markAsWorker } from '../process/program_or_worker.js';
import { threadForProcesses } from '../workers/threads/thread_workers.js';
import { runningModules } from '../worker/modules/running_modules.js';
import * as activities from './entered_executors.js';
import { agree, type Terms } from './agreement.js';
import type { ResolvedCommExecutorOptions } from './options.js';

/** The executor of this process, and the function that ends its role. */
export interface Side {
  /** null on workers, which have already served by then. */
  readonly executor: PoolExecutor | null;
  end(): Promise<void>;
}

/** The role of a master without workers: tasks run in a thread. */
export function alone(options: ResolvedPoolOptions): Side {
  const { bootTimeout } = options;
  const pool = new Pool(threadForProcesses(bootTimeout));
  const executor = poolExecutorOn(pool, options);
  return { executor, end: () => executor.shutdown() };
}

/** The role of a master under the launcher, whose workers serve every executor of the program. */
export function sharing(options: ResolvedPoolOptions): Side {
  const executor = poolExecutorOn(undefined, options);
  return { executor, end: () => executor.shutdown() };
}

/**
 * Enters the CommExecutor with all ranks. Collective. On workers, resolves when they have served.
 *
 * @throws the errors of {@link agree}
 */
export async function among(
  comm: Communicator,
  terms: Terms,
  options: ResolvedCommExecutorOptions | Error,
): Promise<Side> {
  const activity = activities.begin();
  const mpi = await startMpi();
  const ending = processEnding();
  ending.connecting(true);
  ending.peers(true);
  try {
    await agree(comm, terms);
    const { root, pool } = options as ResolvedCommExecutorOptions; // no rank has a problem
    const isRoot = comm.rank === root;
    activity.mayServe = !isRoot;
    // The master is rank 0 of it.
    const toMaster = await comm.split(0, isRoot ? 0 : comm.rank + 1);
    const workers = await toMaster!.split(isRoot ? undefined : 0);
    // If they are all processes, they end with their master.
    ending.peers(comm.size < mpi.world.size);
    if (!isRoot) return await worker(mpi, toMaster!, workers!);
    const side = await master(toMaster!, pool);
    activities.leads(comm, true);
    return {
      ...side,
      end: () =>
        side.end().finally(() => {
          activities.leads(comm, false);
        }),
    };
  } finally {
    ending.connecting(false);
    activities.end(activity);
  }
}

async function master(comm: Communicator, options: ResolvedPoolOptions): Promise<Side> {
  const { native } = await nativeOf(comm);
  const released = (): void => {
    processEnding().peers(true);
  };
  const pool = new Pool(new CommunicatorWorkers(native, options, released));
  await pool.start();
  const executor = poolExecutorOn(pool, options);
  return {
    executor,
    end: async () => {
      await executor.shutdown();
      await pool.stop(); // also if the executor was never used
    },
  };
}

async function worker(mpi: MpiProcess, comm: Communicator, workers: Communicator): Promise<Side> {
  const [{ native: communicator }, ofWorkers, { serveForAWhile }] = await Promise.all([
    nativeOf(comm),
    nativeOf(workers),
    import('../worker/serve.js'),
  ]);
  markAsWorker();
  processEnding().connecting(false);
  try {
    await serveForAWhile(mpi, { communicator, workers: ofWorkers }, runningModules);
  } finally {
    markAsProgram();
    processEnding().peers(true);
  }
  await workers.free();
  return { executor: null, end: () => Promise.resolve() };
}
