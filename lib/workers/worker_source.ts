/**
 * The interface of a source of a pool's workers: spawned ones, the other ranks of the launcher, threads, a simulation.
 */

import type { Snapshot } from '../values/buffers/snapshot.js';
import type { WorkerLostError } from '../errors.js';
import type { Claims } from '../tasks/claims.js';

/** One worker, to which a pool sends, and whose place users read. Messages to a lost worker are dropped. */
export interface WorkerLink {
  /** The rank among the workers: for a replacement, that of the lost worker. */
  readonly rank: number;
  readonly host: string;
  readonly pid: number;
  /** Claims tasks that were sent and have not begun. Left out: what was sent cannot be called back. */
  readonly claims?: Claims | undefined;
  /** True if its tasks run in a sandbox: whatever ends that, another one is started, and nobody else notices. */
  readonly isIsolated?: boolean;
  /** Called with the worker's number, for a worker that the source does not number itself. */
  joinedAs?(worker: number): void;
  /** Sends the first `length` bytes of `payload`, copied at once, and `buffers`, which nobody may change any more. */
  send(payload: Uint8Array, length: number, buffers?: readonly ArrayBuffer[]): void;
  /**
   * Sends a message that goes to many workers, in memory from {@link WorkerSource.lastingMemory} that does not change
   * any more. A large one is not copied for each worker.
   */
  sendLasting(message: Uint8Array): void;
  /**
   * Ends this worker and no other, whatever it does. It is lost from then on ({@link WorkerEvents.lost}), for this reason, and
   * {@link WorkerSource.replace} is asked for another one. Left out: that cannot be done.
   *
   * @param gently - it has no more tasks: it may end by itself, so that its 'exit' listeners run
   */
  end?(reason: string, gently: boolean): void;
  /**
   * Ends this worker if it is at a task, and has begun none of those that were sent behind it. There for a worker whose claims are
   * known on its host alone.
   */
  endAt?(task: number, behind: readonly number[]): void;
}

/**
 * Called by a source of workers. Workers are numbered 0, 1, 2 … in the order in which the source has handed them out; one that
 * replaces another has the number of that one. Nothing comes from a worker that is lost.
 */
export interface WorkerEvents {
  message(worker: number, payload: Buffer, buffers: ArrayBuffer[] | undefined): void;
  /** Called after the messages that were received together. */
  batchEnded(): void;
  /** Called when the tasks of an isolated worker begin to run in the process that its link names now. */
  runs?(worker: number): void;
  /** Called when a worker has died or is no longer reachable. Messages that it had sent are still delivered; then it is lost. */
  leaves?(worker: number): void;
  /** Called when a worker is lost: nothing more comes from it. */
  lost(worker: number, error: WorkerLostError): void;
  /** Called after the start, when one more of the {@link GrowingWorkers} is ready. It has the next free number. */
  added?(worker: WorkerLink): void;
  /** Called when one more worker was expected, and could not be started. */
  notAdded?(error: Error): void;
}

/** Workers that are started when there is work for them. */
export interface GrowingWorkers {
  /** The number of workers once all have been started. */
  readonly maxWorkers: number;
  /** The number of workers that are not ready yet, but start or can be started. */
  readonly toCome: number;
  /** Reports that there is work for `count` workers at present. */
  want(count: number): void;
  /** Starts all workers; resolves when each is ready or could not be started. Never rejects. */
  startAll(): Promise<void>;
}

/** Starts and ends the workers of a pool, and notices when one is lost. */
export interface WorkerSource {
  /**
   * Starts the workers; resolves when all of them can receive messages, or the first one of {@link growing} ones.
   *
   * @throws {SpawnError | MPIUnavailableError | MPIError} (as a rejection) if there are no workers
   */
  start(events: WorkerEvents): Promise<readonly WorkerLink[]>;
  /** Missing if `start` starts all workers. */
  readonly growing?: GrowingWorkers;
  /**
   * Starts a worker in place of a lost one, whose number it gets; undefined if that is not possible.
   *
   * @throws {SpawnError} (as a rejection) if there is none; with a `WorkerLostError` as cause if it was lost at once,
   *   with an `MPIError` if the MPI could not start it
   */
  replace?(lost: number): Promise<WorkerLink> | undefined;
  /** Has all workers run their tasks in sandboxes. Called before anything is sent to them, if at all. */
  isolate?(): void;
  /** Allocates memory for messages that go to many workers; missing if any memory will do. */
  lastingMemory?(size: number): Uint8Array;
  /** True if sent `buffers` are detached here: a caller that may have to send them again sends copies. */
  readonly takesBuffers?: boolean;
  /** Copies buffers that will be sent. */
  readonly snapshot: Snapshot;
  /**
   * Sets the milliseconds of silence after which a worker is lost. Called for an executor that joins the pool of
   * others.
   */
  setHeartbeat?(limit: number): void;
  /** While on, the program does not end by itself, because answers are outstanding. */
  keepAlive(on: boolean): void;
  /** Lets {@link stop} not wait for workers that cannot be ended and are busy with tasks that were given up. */
  readonly giveUp?: () => void;
  /** Ends the workers; resolves when they have ended or were released. */
  stop(): Promise<void>;
}
