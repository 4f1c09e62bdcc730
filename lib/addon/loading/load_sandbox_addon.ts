/**
 * Loads the addon that has nothing of MPI: of sandboxes, processes in which tasks run beside the worker that has MPI, and of
 * worker threads.
 */

import { createRequire } from 'node:module';

import { MPIUnavailableError } from '../../errors.js';
import type { DirectOffer, Doorbell, SharedMemoryAddress } from '../../tasks/addresses.js';
import { packageVersion } from '../../package_files.js';
import { moveMemoryOf, type MemoryOwner } from '../../values/buffers/move.js';
import { faultOf } from './addon_binary.js';
import { otherVersion } from './addon_failure.js';
import { findSandboxAddon } from './addon_files.js';

/** The exports of native/sandbox/sandbox.cc, which describes each function. */
export interface SandboxAddon extends MemoryOwner {
  readonly version: string;
  shareMemory(size: number): [memory: ArrayBuffer, address: SharedMemoryAddress] | undefined;
  openMemory(address: SharedMemoryAddress, size: number): ArrayBuffer | undefined;
  dieWith(pid: number): void;
  offerDirect(
    doorbell: Doorbell,
    pipe: number,
    messages: (batch: readonly unknown[]) => void,
    delivered: () => void,
  ): DirectOffer | undefined;
  useDirect(): void;
  sendDirect(
    payload: Uint8Array,
    length: number,
    buffers: readonly ArrayBuffer[] | undefined,
  ): void;
  copy(bytes: ArrayBufferView): ArrayBuffer;
  useHugePages(memory: ArrayBuffer): void;
  trim(): void;
}

const require = createRequire(import.meta.url);

/** @throws {MPIUnavailableError} where there is none, or one that cannot be used */
export function loadSandboxAddon(): SandboxAddon {
  const file = findSandboxAddon();
  if (file === undefined)
    throw new MPIUnavailableError(
      'The addon of sandboxes (option isolate) has not been built. Run: npx mpi-futures build',
      'ERR_ADDON_NOT_BUILT',
    );
  try {
    const fault = faultOf(file);
    if (fault !== undefined) throw new Error(fault);
    const addon = require(file) as SandboxAddon;
    const version = packageVersion();
    if (addon.version !== version) throw new Error(otherVersion(addon.version, version));
    moveMemoryOf(addon);
    return addon;
  } catch (cause) {
    throw new MPIUnavailableError(
      `The addon of sandboxes (option isolate), ${file}, cannot be used: ${(cause as Error).message}`,
      'ERR_ADDON_UNUSABLE',
      { cause },
    );
  }
}
