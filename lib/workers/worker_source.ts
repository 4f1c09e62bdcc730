/** Where a pool's workers come from: spawned, the other ranks of the launcher, threads, a simulation. */

import type { Snapshot } from '../values/buffers/snapshot.js';
import type { WorkerLostError } from '../errors.js';
import type { Claims } from '../tasks/claims.js';

/** One worker: a pool sends to it, and users read where it is. What is sent to one that was lost is dropped. */
export interface WorkerLink {
  /** Its rank among the workers: its number in the pool or, where it replaces a lost one, the rank of that one. */
  readonly rank: number;
  readonly host: string;
  readonly pid: number;
  /** Claims tasks that were sent and have not begun. Left out: what was sent cannot be called back. */
  readonly claims?: Claims | undefined;
  /** Sends the first `length` bytes of `payload`, copied at once, and `buffers`, which nobody may change any more. */
  send(payload: Uint8Array, length: number, buffers?: readonly ArrayBuffer[]): void;
  /**
   * Sends a message that goes to many workers, in memory that {@link WorkerSource.lastingMemory} has given and nobody changes
   * any more: a large one is not copied for each of them.
   */
  sendLasting(message: Uint8Array): void;
}

/** Called by a source of workers. Workers are numbered 0, 1, 2 … in the order in which the source has handed them out. */
export interface WorkerEvents {
  message(worker: number, payload: Buffer, buffers: ArrayBuffer[] | undefined): void;
  /** After the messages that have come together. */
  batchEnded(): void;
  /** A worker has died or cannot be reached any more. What it had sent still comes; then it is lost. */
  leaves?(worker: number): void;
  /** There is nothing more of the worker to come. */
  lost(worker: number, error: WorkerLostError): void;
  /** After the start: one more of {@link GrowingWorkers} is there. It has the next number. */
  added?(worker: WorkerLink): void;
  /** One more was to be there, and will not. */
  notAdded?(error: Error): void;
}

/** Workers that are started as there is work for them. */
export interface GrowingWorkers {
  /** How many there are once all have been started. */
  readonly maxWorkers: number;
  /** How many of them are not there yet, but start or can be started. */
  readonly toCome: number;
  /** There is work for `count` workers at present. */
  want(count: number): void;
  /** Starts all; resolved when each is there or could not be started. Never rejects. */
  startAll(): Promise<void>;
}

/** Starts and ends the workers of a pool, and notices when one is lost. */
export interface WorkerSource {
  /**
   * Allocates the workers; resolved when all of them can be sent to, or the first one of {@link growing} ones.
   *
   * @throws {SpawnError | MPIUnavailableError | MPIError} (as a rejection) if there will be none
   */
  start(events: WorkerEvents): Promise<readonly WorkerLink[]>;
  /** Left out: `start` allocates all. */
  readonly growing?: GrowingWorkers;
  /**
   * Starts a worker in place of one that was lost; undefined where that cannot be. They come one after another, in the
   * order of the calls; each is known by the next free number from then on.
   *
   * @throws {SpawnError} (as a rejection) if there is none; with a `WorkerLostError` as cause if it was lost at once, with an
   * `MPIError` if the MPI could not start it
   */
  replace?(lost: number): Promise<WorkerLink> | undefined;
  /** Memory for messages that go to many workers; left out: any will do. */
  lastingMemory?(size: number): Uint8Array;
  /** `buffers` are gone here once they were sent: who may have to send them again sends copies. */
  readonly takesBuffers?: boolean;
  /** Copies buffers that will be sent. */
  readonly snapshot: Snapshot;
  /** Asked for by an executor that joins a pool of others: milliseconds of silence after which a worker is lost. */
  setHeartbeat?(limit: number): void;
  /** While on, the program does not end by itself: answers are outstanding. */
  keepAlive(on: boolean): void;
  /** Ends the workers, which have nothing to do any more; resolved when they are gone or let go. */
  stop(): Promise<void>;
}
