/** A communicator that exists, and what carries out its operations: MPI, or for one rank alone this package. */

import type { Addon, NativeCommunicator } from '../addon/addon.js';

/** What operations on communicators need of the addon: whoever stands in its place has all of it. */
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

export interface Opened {
  readonly addon: CommunicatorAddon;
  readonly native: NativeCommunicator;
}
