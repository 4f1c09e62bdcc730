/** Values that tasks report while they run, on their way to the callbacks of their futures. */

import type { Future } from '../futures/future.js';
import { isListenedTo, passOnProgress, warnOfProgress } from '../futures/progress_callbacks.js';
import type { TaskProgress } from '../tasks/messages.js';
import { decodeStructure, functionsIn } from '../values/structure.js';
import { unpackWith } from '../values/value_codec.js';
import type { PoolTask } from './pool_task.js';
import type { PooledWorker } from './pooled_worker.js';

/**
 * Resolves when a future has got what its task has reported. Here are only those with a value that names a function whose module is
 * still loading: what comes after it, and the result, wait for it.
 */
export const reportsUnderWay = new Map<Future<unknown>, Promise<void>>();

/** Passes on what a task of the worker has reported, if anybody listens. */
export function taskReported(task: PoolTask, from: PooledWorker, progress: TaskProgress): void {
  const { future } = task;
  if (!isListenedTo(future)) return;
  const loading = from.functions.prepare(functionsIn(progress.value.bytes));
  const earlier = reportsUnderWay.get(future);
  if (loading === undefined && earlier === undefined) {
    passOn(task, from, progress);
    return;
  }
  const passed = Promise.all([loading, earlier]).then(() => {
    passOn(task, from, progress);
    if (reportsUnderWay.get(future) === passed) reportsUnderWay.delete(future);
  });
  reportsUnderWay.set(future, passed);
}

function passOn(
  { future, owner }: PoolTask,
  { functions }: PooledWorker,
  { value: { bytes, buffers = [] }, isPacked }: TaskProgress,
): void {
  if (future.done()) return; // it was cancelled, or has timed out
  try {
    const value = decodeStructure(bytes, buffers, functions);
    const { codec } = owner.options;
    passOnProgress(future, isPacked && codec ? unpackWith(codec, value) : value);
  } catch (error) {
    warnOfProgress('A value that a task has reported could not be read', error);
  }
}
