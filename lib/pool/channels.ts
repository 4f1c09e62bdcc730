/**
 * Events of pools for `node:diagnostics_channel`, by which tools follow a program without changing it. The pool makes an event only
 * if somebody has subscribed to it. With NODE_DEBUG=mpi-futures those of workers are lines on stderr, too.
 */

import { channel } from 'node:diagnostics_channel';
import { debuglog } from 'node:util';

import type { WorkerPlace } from './statistics.js';

/**
 * The message of `mpi-futures:task:end`: a worker has answered a task. Times are milliseconds.
 *
 * @since 0.1.0
 */
export interface TaskEndEvent extends WorkerPlace {
  /** True if the task threw, or could not be called. */
  readonly failed: boolean;
  /** The time for which its function ran. */
  readonly runTime: number;
  /** The rest, from sent to answered. */
  readonly transferTime: number;
}

/**
 * The message of `mpi-futures:worker:join` and `mpi-futures:worker:lost`.
 *
 * @since 0.1.0
 */
export interface WorkerEvent extends WorkerPlace {
  /** For a lost worker: why. */
  readonly error?: Error;
}

/**
 * The message of `mpi-futures:spawn:start` and `mpi-futures:spawn:end`: a pool starts its workers, and has started them.
 *
 * @since 0.1.0
 */
export interface SpawnEvent {
  /** At the end: the number of workers. */
  readonly workers?: number;
  /** At the end: why there are none. */
  readonly error?: Error;
}

/** The channel of the ends of tasks. The pool itself asks whether anybody listens, since it ends very many. */
export const taskEnd = channel('mpi-futures:task:end');
const workerJoin = channel('mpi-futures:worker:join');
const workerLost = channel('mpi-futures:worker:lost');
const spawnStart = channel('mpi-futures:spawn:start');
const spawnEnd = channel('mpi-futures:spawn:end');
const log = debuglog('mpi-futures');

/** Publishes the end of a task. */
export function publishTaskEnd(
  place: WorkerPlace,
  failed: boolean,
  time: number,
  runTime: number,
): void {
  const transferTime = Math.max(time - runTime, 0);
  taskEnd.publish({ ...placeOf(place), failed, runTime, transferTime } satisfies TaskEndEvent);
}

/** Publishes that a worker belongs to its pool. */
export function publishJoin(place: WorkerPlace): void {
  log('worker %d (process %d on %s) has joined its pool', place.rank, place.pid, place.host);
  if (workerJoin.hasSubscribers) workerJoin.publish(placeOf(place) satisfies WorkerEvent);
}

/** Publishes the loss of a worker. */
export function publishLoss(place: WorkerPlace, error: Error): void {
  log('worker %d (process %d on %s) is lost: %s', place.rank, place.pid, place.host, error.message);
  if (workerLost.hasSubscribers)
    workerLost.publish({ ...placeOf(place), error } satisfies WorkerEvent);
}

/** Publishes that a pool starts its workers. */
export function publishSpawnStart(): void {
  log('a pool starts its workers');
  if (spawnStart.hasSubscribers) spawnStart.publish({} satisfies SpawnEvent);
}

/** Publishes that a pool has started its workers, or could not. */
export function publishSpawnEnd(end: SpawnEvent): void {
  if (end.error === undefined) log('a pool has started; its workers: %d', end.workers);
  else log('a pool has no workers: %s', end.error.message);
  if (spawnEnd.hasSubscribers) spawnEnd.publish(end);
}

function placeOf({ rank, host, pid }: WorkerPlace): WorkerPlace {
  return { rank, host, pid };
}
