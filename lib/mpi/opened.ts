/**
 * A communicator that exists, with the code that carries out its operations: MPI, or for a single rank this package.
 */

import type { Addon, NativeCommunicator } from '../addon/addon.js';

/** The functions of the addon that operations on communicators use; a stand-in for the addon has all of them. */
export type CommunicatorAddon = Pick<
  Addon,
  | 'allgather'
  | 'allocate'
  | 'broadcast'
  | 'disconnect'
  | 'duplicate'
  | 'duplicateSelf'
  | 'errorClasses'
  | 'exchange'
  | 'expect'
  | 'free'
  | 'hold'
  | 'listen'
  | 'merge'
  | 'problemOfInfo'
  | 'reduce'
  | 'sendWithContents'
  | 'spawnFrom'
  | 'split'
>;

/** A communicator of MPI, and the addon that knows its id. */
export interface Opened {
  readonly addon: CommunicatorAddon;
  readonly native: NativeCommunicator;
}
