/** For the rooms above: what stands behind the communicators of users. */

import type { Handle } from './handle.js';
import type { Opened } from './opened.js';

const handles = new WeakMap<object, Handle>();

/** Where each communicator registers its handle when it is made. */
export const nativeHandles: Pick<WeakMap<object, Handle>, 'set'> = handles;

/** All that goes on in it, or in what was made of it, fails, and all that comes: a process of it is gone. */
export function breakCommunicator(communicator: object, reason: Error): void {
  handles.get(communicator)?.fail(reason);
}

/**
 * The addon, and its communicator behind `communicator`, MPI being started where it was not.
 *
 * @throws {InvalidStateError} after `free()` or `disconnect()`
 */
export async function nativeOf(communicator: object): Promise<Opened> {
  const handle = handles.get(communicator);
  if (handle === undefined) throw new TypeError('Expected a Communicator');
  handle.check();
  return handle.open();
}
