/** A communicator that exists, and what carries out its operations: MPI, or for one rank alone this package. */

import type { Addon, NativeCommunicator } from '../addon/addon.js';

export interface Opened {
  readonly addon: Addon;
  readonly native: NativeCommunicator;
}
