/** Copies of buffers that are about to be sent to a thread, or by one. */

import { attempt } from '../../attempt.js';
import { loadSandboxAddon, type SandboxAddon } from '../../addon/loading/load_sandbox_addon.js';
import { plainSnapshot, type Snapshot } from '../../values/buffers/snapshot.js';

/** From this size in bytes the memory has whole huge pages in it, wherever it begins. */
const largeFrom = 1 << 22;

/** Null where there is none. */
let loaded: SandboxAddon | null | undefined;

/**
 * A snapshot that a MessagePort can transfer. Large ones get huge pages, where the kernel gives them and there is an addon
 * to ask for them: the first touch of fresh memory takes much longer than the copy.
 */
export const threadSnapshot: Snapshot = (bytes) => {
  const { byteLength } = bytes;
  const addon = byteLength < largeFrom ? undefined : memoryAddon();
  if (addon === undefined) return plainSnapshot(bytes);
  const copy = new ArrayBuffer(byteLength);
  addon.useHugePages(copy);
  new Uint8Array(copy).set(bytes);
  return copy;
};

/** Undefined where there is none: threads work without. */
function memoryAddon(): SandboxAddon | undefined {
  if (loaded === undefined) loaded = attempt(loadSandboxAddon) ?? null;
  return loaded ?? undefined;
}
