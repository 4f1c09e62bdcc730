/** The communicators that exist from the start. */

import { launcher } from '../addon/launcher.js';
import { worldIsFree } from '../addon/world_turn.js';
import { Communicator } from './communicator.js';
import { Handle } from './handle.js';
import type { Opened } from './opened.js';
import { startWithCommunicators } from './starting.js';

/** All processes that the launcher started together with this one. */
export const COMM_WORLD = new Communicator(
  new Handle(
    { rank: launcher.rank, size: Math.max(launcher.size, 1), remoteSize: 0, isInter: false },
    openWorld,
    true,
  ),
  'MPI_COMM_WORLD',
);

/** This process alone. */
export const COMM_SELF = new Communicator(
  new Handle({ rank: 0, size: 1, remoteSize: 0, isInter: false }, openSelf, true),
  'MPI_COMM_SELF',
);

async function openWorld(): Promise<Opened> {
  const { addon, world } = await startWithCommunicators();
  await worldIsFree();
  return { addon, native: world };
}

// A duplicate: pools spawn from MPI_COMM_SELF itself, on a thread of their own.
async function openSelf(): Promise<Opened> {
  const { addon } = await startWithCommunicators();
  return { addon, native: await addon.duplicateSelf() };
}
