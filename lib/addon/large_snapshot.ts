/** Copies of buffers that are about to be sent. */

import { plainSnapshot, type Snapshot } from '../values/buffers/snapshot.js';
import type { Addon } from './addon.js';

/** Of an ArrayBuffer (not a shared one): from this size up the memory comes from the addon, which asks the kernel for huge pages. */
const largeFrom = 1 << 20;

/** The snapshot function for values that are sent through `addon`. */
export function snapshotWith(addon: Addon): Snapshot {
  return (bytes) =>
    bytes.byteLength < largeFrom || !(bytes.buffer instanceof ArrayBuffer)
      ? plainSnapshot(bytes)
      : addon.copy(bytes);
}
