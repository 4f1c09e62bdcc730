/** The way from a worker to its master, whatever carries it. */

import type { Claims } from '../tasks/claims.js';
import type { Snapshot } from '../values/buffers/snapshot.js';

/** Sends to the master. A process has MPI for it, a thread a MessagePort. */
export interface MasterLink {
  /** Copies buffers that results will send. */
  readonly snapshot: Snapshot;
  /** Claims tasks before they begin; undefined: the master calls none back. */
  readonly claims: Claims | undefined;
  /** Sends the first `length` bytes of `payload`, copied at once, and `buffers`, which nobody may use any more. */
  send(payload: Uint8Array, length: number, buffers: readonly ArrayBuffer[] | undefined): void;
  /** Returns when what was sent cannot be lost any more with the end of this process, or thread. */
  handOver(): void;
}
