/** Makes communicators from others, by split, dup and merge, and ends them. */

import { InvalidStateError } from '../errors.js';
import { forgetPackets } from '../addon/packets.js';
import type { NativeCommunicator } from '../addon/addon.js';
import { perProcess } from '../addon/per_process.js';
import { validateBoolean } from '../validators.js';
import { validateInteger } from './arguments.js';
import { collective, perform, type Stage } from './collectives/collective.js';
import type { Handle } from './handle.js';
import type { Opened } from './opened.js';
import type { Call, Terms } from './collectives/agreement.js';
import { Turns } from '../turns.js';

/** Makes a communicator of the ranks with the same color, in the order of their keys; null for a rank without color. */
export function split(
  handle: Handle,
  color: number | undefined,
  key: number,
): Promise<Handle | null> {
  return make(
    handle,
    'split',
    () => {
      if (color !== undefined) validateInteger(color, 'color', 0, 2 ** 31 - 1, colors);
      validateInteger(key, 'key', -(2 ** 31), 2 ** 31 - 1, 'a 32-bit integer');
      return undefined;
    },
    ({ addon, native }) => addon.split(native.id, color ?? -1, key),
  );
}

const colors = 'an integer from 0 to 2147483647, or undefined,';

/** Makes a communicator of the same ranks, whose messages are separate from those of this one. */
export async function dup(handle: Handle): Promise<Handle> {
  const made = await make(
    handle,
    'dup',
    () => undefined,
    ({ addon, native }) => addon.duplicate(native.id),
  );
  return made!;
}

/**
 * Makes a communicator. The call blocks in MPI, on a thread that may block; when it returns, all ranks have called it.
 */
export function make(
  handle: Handle,
  call: Call,
  check: () => Terms | undefined,
  make: (stage: Stage) => Promise<NativeCommunicator | null>,
): Promise<Handle | null> {
  return oneByOne((begins) =>
    collective(handle, call, () => {
      const terms = check();
      return {
        terms: terms ?? {},
        proceed: async (stage) => {
          await begins;
          const native = await make(stage);
          return native && handle.derive({ addon: stage.addon, native });
        },
      };
    }),
  );
}

const turns = perProcess('made communicators', () => new Turns());

/**
 * Runs calls that block in MPI in the order in which the program makes them. Those of different communicators may be
 * agreed on in any order, and if ranks called MPI in different orders, each would wait for the other.
 *
 * @param body - receives the promise that it must await before it calls MPI
 */
export async function oneByOne<T>(
  body: (begins: Promise<void> | undefined) => Promise<T>,
): Promise<T> {
  const turn = turns.take();
  try {
    return await body(turn.begins);
  } finally {
    turn.end();
  }
}

/** @param high - true if the ranks of this group come after those of the other */
export async function merge(handle: Handle, high: boolean): Promise<Handle> {
  const made = await make(
    handle,
    'merge',
    () => {
      validateBoolean(high, 'high');
      return { high: Number(high) };
    },
    ({ addon, native }) => addon.merge(native.id, high),
  );
  return made!;
}

/**
 * Frees the communicator by MPI_Comm_free when all operations of this rank on it are over. Collective, except for
 * intercommunicators.
 *
 * @throws {InvalidStateError} (as a rejection) for COMM_WORLD, COMM_SELF and the communicator of a pool's workers
 */
export function free(handle: Handle): Promise<void> {
  return end(handle, 'free', ({ addon, native }) => addon.free(native.id));
}

/**
 * Like {@link free}, by MPI_Comm_disconnect: afterwards this communicator no longer connects the processes, and each
 * may end alone.
 */
export function disconnect(handle: Handle): Promise<void> {
  return end(handle, 'disconnect', ({ addon, native }) => addon.disconnect(native.id));
}

async function end(
  handle: Handle,
  call: 'free' | 'disconnect',
  how: (opened: Opened) => Promise<void>,
): Promise<void> {
  handle.check();
  if (handle.isPermanent) {
    throw new InvalidStateError(
      `COMM_WORLD, COMM_SELF and getCommWorkers() cannot be freed or disconnected: ${call}() is for communicators made from them`,
    );
  }
  await handle.close(call);
  // The other group may be of a program that knows MPI only.
  if (handle.extent.isInter) return handle.during((opened) => give(opened, how));
  await perform(handle, call, {}, (stage) => give(stage, how));
}

async function give(opened: Opened, how: (opened: Opened) => Promise<void>): Promise<void> {
  forgetPackets(opened.native.id);
  await how(opened);
}
