/**
 * Decides whether a PoolExecutor runs on one worker thread because there are no MPI processes for it: under the
 * launcher with one rank, in the tasks of a worker that the launcher started, and on worker threads.
 */

let inThreads = false;

/** From now on, a PoolExecutor has one worker thread. */
export function runPoolsInThreads(): void {
  inThreads = true;
}

/** True after {@link runPoolsInThreads}. */
export function poolsRunInThreads(): boolean {
  return inThreads;
}
