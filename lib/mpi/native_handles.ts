/** Gives higher rooms access to the native communicators behind public ones. */

import type { Handle } from './handle.js';
import type { Opened } from './opened.js';

const handles = new WeakMap<object, Handle>();

/** The map in which each communicator registers its handle when it is made. */
export const nativeHandles: Pick<WeakMap<object, Handle>, 'set'> = handles;

/**
 * Rejects all operations, pending and future ones, of a communicator and of those made from it, because one of its
 * processes has died.
 */
export function breakCommunicator(communicator: object, reason: Error): void {
  handles.get(communicator)?.fail(reason);
}

/**
 * The addon, and the native communicator behind `communicator`. Starts MPI if it was not started.
 *
 * @throws {InvalidStateError} after `free()` or `disconnect()`
 */
export async function nativeOf(communicator: object): Promise<Opened> {
  const handle = handles.get(communicator);
  if (handle === undefined) throw new TypeError('Expected a Communicator');
  handle.check();
  return handle.open();
}
