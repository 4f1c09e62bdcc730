/** The connection from a worker to its master, over any transport. */

import type { Claims } from '../tasks/claims.js';
import type { Snapshot } from '../values/buffers/snapshot.js';

/**
 * Milliseconds for which results wait for each other. To wake a master whose cores compute takes it 0.1 ms, as long as fifty short
 * tasks. An isolated worker, whose death does not end the program, holds less back, because it would lose that.
 */
export const holdTimes = { usual: 4, isolated: 1 } as const;

/** Sends messages to the master: over MPI from a process, over a MessagePort from a thread. */
export interface MasterLink {
  /** Copies buffers that results will send. */
  readonly snapshot: Snapshot;
  /** Claims tasks before they begin; undefined: the master calls none back. */
  readonly claims: Claims | undefined;
  /** Milliseconds for which a result may wait while the worker has more to do: {@link holdTimes}. */
  readonly holdTime: number;
  /** Sends the first `length` bytes of `payload`, copied at once, and `buffers`, which nobody may use any more. */
  send(payload: Uint8Array, length: number, buffers: readonly ArrayBuffer[] | undefined): void;
  /**
   * Returns when everything sent is safe from the end of this process, or thread: all but a large value, the rest of which the
   * master still has to fetch.
   */
  handOver(): void;
}
