import { isMainThread } from 'node:worker_threads';

import { openAlone } from '../mpi/alone.js';
import { Communicator } from '../mpi/communicator.js';
import { Handle } from '../mpi/handle.js';
import { breakCommunicator } from '../mpi/native_handles.js';
import { COMM_WORLD } from '../mpi/world.js';
import { notAccessible, workersAccess, type WorkersAccess } from './workers_access.js';

const made = new WeakMap<WorkersAccess, Communicator>();

/**
 * The communicator of all workers of the pool that the calling task runs in. Tasks that run on all of them at the same
 * time can work together through it. Its size is the executor's `numWorkers`.
 *
 * Tasks of a function that has called this go one to each worker, and no worker gets a second one before all have had
 * the first. So submit `numWorkers` of them, or a multiple.
 *
 * @throws {InvalidStateError} outside of tasks and initializers, on the threads of a ThreadPoolExecutor, and after a
 *   worker was lost
 */
export function getCommWorkers(): Communicator {
  const access = workersAccess();
  if (access === undefined) {
    const isTask = 'getCommWorkers() is for tasks, while they run on a worker';
    throw notAccessible(isMainThread ? isTask : 'the threads of a ThreadPoolExecutor have none');
  }
  access.asked();
  let communicator = made.get(access);
  if (communicator === undefined) {
    communicator = communicatorOf(access);
    made.set(access, communicator);
    const broken = communicator;
    access.whenLost((reason) => {
      breakCommunicator(broken, reason);
    });
  }
  return communicator;
}

function communicatorOf({ communicator }: WorkersAccess): Communicator {
  if (communicator === 'world') return COMM_WORLD;
  const opened = communicator === 'alone' ? openAlone() : communicator;
  return new Communicator(Handle.of(opened, true), 'workers');
}
