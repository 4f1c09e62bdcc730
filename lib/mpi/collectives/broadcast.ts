/** Broadcasts one value to all ranks: bcast. */

import { validateRoot } from '../arguments.js';
import { collective, type Plan } from './collective.js';
import type { Handle } from '../handle.js';
import {
  allocate,
  isArrayLike,
  isUsable,
  memoryOf,
  payloadOf,
  payloadOfArray,
  plainKind,
  valueOf,
} from '../messages/payload.js';

/**
 * Resolves to the value of `root`, on all ranks. If `value` is an array, elements are received into it.
 *
 * @throws {TypeError | RangeError} for a wrong root; {DataCloneError} on `root` for a value that cannot be sent;
 *   {MPIError} on all ranks if they do not agree. Each as a rejection, like those of all collective operations
 */
export function bcast(handle: Handle, value: unknown, root: number): Promise<unknown> {
  return collective(handle, 'bcast', () => {
    validateRoot(root, handle);
    if (handle.extent.rank === root) return fromHere(value, root);
    return isArrayLike(value) ? into(value, root) : toHere(root);
  });
}

function fromHere(value: unknown, root: number): Plan<unknown> {
  const { kind, bytes, length } = payloadOf(value);
  const size = bytes.byteLength;
  return {
    terms: { root, kind, length: kind === plainKind ? undefined : length, bytes: [size, size] },
    proceed: async ({ addon, native, posted }) => {
      await posted(addon.broadcast(native.id, bytes, root));
      return value;
    },
  };
}

function toHere(root: number): Plan<unknown> {
  return {
    terms: { root },
    proceed: async ({ addon, native, agreed, posted }) => {
      const bytes = allocate(addon, agreed.largest);
      await posted(addon.broadcast(native.id, bytes, root));
      return valueOf(agreed.kind!, bytes);
    },
  };
}

/** Receives the elements into `array`. */
function into(array: ArrayBufferView | ArrayBuffer, root: number): Plan<unknown> {
  const { kind, length } = payloadOfArray(array);
  return {
    terms: { root, kind, length },
    proceed: async ({ addon, native, agreed, posted }) => {
      const memory = memoryOf(array);
      const bytes = isUsable(memory) ? memory : allocate(addon, agreed.largest);
      await posted(addon.broadcast(native.id, bytes, root));
      if (bytes !== memory) memory.set(bytes);
      return array;
    },
  };
}
