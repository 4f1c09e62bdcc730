/** Values that tasks report while they run, on their way to the callbacks of their futures. */

import { isListenedTo, passOnProgress, warnOfProgress } from '../futures/progress_callbacks.js';
import type { TaskProgress } from '../tasks/messages.js';
import { decodeStructure, functionsIn } from '../values/structure.js';
import { unpackWith } from '../values/value_codec.js';
import type { PoolTask } from './pool_task.js';
import type { PooledWorker } from './pooled_worker.js';

/** Passes on what a task of the worker has reported, if anybody listens. */
export function taskReported(task: PoolTask, from: PooledWorker, progress: TaskProgress): void {
  if (!isListenedTo(task.future)) return;
  const pending = from.functions.prepare(functionsIn(progress.value.bytes));
  if (pending === undefined) passOn(task, from, progress);
  else
    void pending.then(() => {
      passOn(task, from, progress);
    });
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
