/** Copies of buffers that are about to be sent. */

import { plainSnapshot, type Snapshot } from '../values/buffers/snapshot.js';
import type { Addon } from './addon.js';

/**
 * From this size in bytes the memory for the copy of an ArrayBuffer (not a shared one) comes from the addon, which asks
 * the kernel for huge pages.
 */
const largeFrom = 1 << 20;

/** The snapshot function for values that are sent through `addon`. */
export function snapshotWith(addon: Pick<Addon, 'copy'>): Snapshot {
  return (bytes) =>
    bytes.byteLength < largeFrom || !(bytes.buffer instanceof ArrayBuffer)
      ? plainSnapshot(bytes)
      : addon.copy(bytes);
}
