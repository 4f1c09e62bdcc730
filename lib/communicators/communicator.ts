/** Communicators as users see them. Each operation is described here; how it is done, in the file of its kind. */

import { nativeHandles } from './native_handles.js';
import { bcast } from './broadcast.js';
import { barrier } from './barrier.js';
import { allgather, gather } from './gathering.js';
import type { Handle } from './handle.js';
import { disconnect, dup, free, split } from './making.js';

/**
 * A group of processes that can talk to each other, and to nobody else by the same messages. Every process has a rank in
 * it, from 0 on.
 *
 * All operations are promises. Collective ones must be called by all ranks, in the same order; a call that differs from
 * those of the others is an {@link MPIError} on all of them. A pending operation keeps the program alive.
 */
export class Communicator {
  readonly #handle: Handle;
  /** For the user: shown in no message of MPI. */
  name: string;

  /** @internal */
  constructor(handle: Handle, name = '') {
    this.#handle = handle;
    this.name = name;
    nativeHandles.set(this, handle);
  }

  /** Of this process. */
  get rank(): number {
    return this.#handle.extent.rank;
  }

  /** Number of processes; of an intercommunicator, in the group of this one. */
  get size(): number {
    return this.#handle.extent.size;
  }

  /** Whether it joins two groups: see {@link Intercommunicator}. */
  get isInter(): boolean {
    return this.#handle.extent.isInter;
  }

  /** Number of processes in the other group of an intercommunicator, else 0. */
  get remoteSize(): number {
    return this.#handle.extent.remoteSize;
  }

  /** Resolved when all ranks have called it. */
  barrier(): Promise<void> {
    return barrier(this.#handle);
  }

  /**
   * The value of `root`, on all ranks; what the others give is ignored, but for a typed array: the elements are received
   * into it, and it must be of the class and length of that of `root`.
   */
  bcast<T>(value: T, root?: number): Promise<T>;
  bcast<T = unknown>(value?: undefined, root?: number): Promise<T>;
  bcast(value?: unknown, root = 0): Promise<unknown> {
    return bcast(this.#handle, value, root);
  }

  /** The values of all ranks, in their order, on `root`; null on the others. */
  gather<T>(value: T, root = 0): Promise<T[] | null> {
    return gather(this.#handle, value, root) as Promise<T[] | null>;
  }

  /** The values of all ranks, in their order, on all ranks. Typed arrays that are received may share one ArrayBuffer. */
  allgather<T>(value: T): Promise<T[]> {
    return allgather(this.#handle, value) as Promise<T[]>;
  }

  /**
   * New communicators, one for each color; ranks are in the order of `key`, and of the ranks here where that is the same.
   * Collective. Null on the ranks whose color is undefined.
   */
  async split(color: number | undefined, key: number = this.rank): Promise<Communicator | null> {
    const part = await split(this.#handle, color, key);
    return part && new Communicator(part);
  }

  /** A communicator of the same processes, whose messages never meet those of this one. Collective. */
  async dup(): Promise<Communicator> {
    return new Communicator(await dup(this.#handle), this.name);
  }

  /** Gives it up, when all that was begun has ended. Collective. Nothing can be done with it any more. */
  free(): Promise<void> {
    return free(this.#handle);
  }

  /** The same, and waits until all messages have arrived; for communicators made by `spawn`. Collective. */
  disconnect(): Promise<void> {
    return disconnect(this.#handle);
  }
}
