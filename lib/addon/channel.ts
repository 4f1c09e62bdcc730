/** Messages between a master and its workers over one communicator; native/channel/channel.h says how they travel. */

import { Buffer } from 'node:buffer';

import { asBuffer } from '../buffer_from.js';
import type { DirectOffer, Doorbell, RingsOffer } from '../tasks/addresses.js';
import type { Addon, NativeCommunicator } from './addon.js';
import { perProcess } from './per_process.js';

/** The receiving side of a channel. */
export interface ChannelReceiver {
  /** `payload` and `buffers` belong to the receiver. */
  message(source: number, payload: Buffer, buffers: ArrayBuffer[] | undefined): void;
  /** Called after all messages and losses that were received together. */
  batchEnded(): void;
  /** `peer` is no longer reachable. Messages that it had sent are still delivered; then it is lost. */
  leaves(peer: number): void;
  /** Called when `peer` is lost: nothing more comes from it. */
  lost(peer: number, error: Error): void;
}

// In milliseconds; the packet has 32 bits for it.
const longestHeartbeat = 2 ** 32 - 1;

/**
 * The receivers by channel id. Looked up without methods, because a task on a worker may have replaced those of Map.
 */
const receivers = perProcess('channels', (): Record<number, ChannelReceiver | undefined> => ({}));

/** One end of the messages over one communicator, or of rings without one, until the channel is closed. */
export class Channel {
  readonly #addon: Addon;
  readonly #id: number;

  private constructor(addon: Addon, id: number, receiver: ChannelReceiver) {
    this.#addon = addon;
    this.#id = id;
    receivers[id] = receiver;
  }

  /**
   * Opens the messages over a communicator.
   *
   * @param comm - used by this channel alone: workers address rank 0 of it (of its remote group), the master the others
   * @param toMaster - true on workers
   */
  static over(
    addon: Addon,
    comm: NativeCommunicator,
    toMaster: boolean,
    receiver: ChannelReceiver,
  ): Channel {
    return new Channel(addon, addon.openChannel(comm.id, toMaster), receiver);
  }

  /** Opens a channel to a process of this host without MPI, its rank 0, by what that offers. Undefined if it cannot be reached. */
  static direct(
    addon: Addon,
    [doorbell, rings]: DirectOffer,
    receiver: ChannelReceiver,
  ): Channel | undefined {
    const id = addon.openDirect(doorbell, rings);
    return id < 0 ? undefined : new Channel(addon, id, receiver);
  }

  /**
   * Sends the first `length` bytes of `payload`, which are copied at once, and `buffers`, which must not change any
   * more.
   */
  send(rank: number, payload: Uint8Array, length: number, buffers?: readonly ArrayBuffer[]): void {
    this.#addon.send(this.#id, rank, payload, length, buffers, false);
  }

  /** Sends `payload`, which must not change any more: a large one is sent from its own memory, without a copy. */
  sendLasting(rank: number, payload: Uint8Array): void {
    this.#addon.send(this.#id, rank, payload, payload.byteLength, undefined, true);
  }

  /** Tells a worker to end. With `disconnect`, both sides then disconnect the communicator. */
  quit(rank: number, disconnect: boolean): void {
    this.#addon.quit(this.#id, rank, disconnect);
  }

  /**
   * Notes that `rank` can be woken by this doorbell, and its memory read, if it is on this host. Returns false if it is not.
   *
   * @param rings - the result of its {@link openRings}, if rings were offered to it
   */
  connectDoorbell(rank: number, doorbell: Doorbell, rings = -1): boolean {
    return this.#addon.connectDoorbell(this.#id, rank, doorbell, rings);
  }

  /** Makes rings for `rank` to open, if it is on this host; its answer is the argument `rings` of {@link connectDoorbell}. */
  offerRings(rank: number): RingsOffer {
    return this.#addon.offerRings(this.#id, rank);
  }

  /**
   * Opens the rings that `rank` offers. Returns the number for its {@link connectDoorbell}. If it is negative they cannot be opened,
   * and all goes on by MPI; otherwise {@link useRings} follows.
   */
  openRings(rank: number, offer: RingsOffer): number {
    return this.#addon.openRings(this.#id, rank, offer);
  }

  /** Sends everything by the rings from now on. The last message by MPI has told the peer so. */
  useRings(rank: number, [, pipe = -1]: RingsOffer): void {
    this.#addon.useRings(this.#id, rank, pipe);
  }

  /**
   * Exchanges heartbeats with `rank`, whose process cannot be watched: if nothing is heard from it for `limit`
   * milliseconds, it is lost, and so is this process for it. Infinity turns this off for both.
   */
  heartbeat(rank: number, limit: number): void {
    this.#addon.heartbeat(this.#id, rank, limit <= longestHeartbeat ? Math.ceil(limit) : 0);
  }

  /** Notes that the process of `rank` has ended. The rank is lost once all that it had sent has been received. */
  peerEnded(rank: number): void {
    this.#addon.peerEnded(this.#id, rank);
  }

  /** Stops receiving. Resolves when everything sent has left. */
  close(): Promise<void> {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- not a Map: see there
    delete receivers[this.#id];
    return this.#addon.closeChannel(this.#id);
  }
}

/** The receivers that have got messages since the last {@link messagesDelivered}. */
const touched: ChannelReceiver[] = [];
let touchedCount = 0;

/** Called by native code with a flat list of channel, source, payload, buffers. */
export function dispatchMessages(batch: readonly unknown[]): void {
  for (let at = 0; at < batch.length; at += 4) {
    const receiver = receivers[batch[at] as number];
    if (receiver === undefined) continue;
    touch(receiver);
    receiver.message(
      batch[at + 1] as number,
      asBuffer(batch[at + 2] as Uint8Array),
      batch[at + 3] as ArrayBuffer[] | undefined,
    );
  }
}

function touch(receiver: ChannelReceiver): void {
  for (let at = 0; at < touchedCount; at++) if (touched[at] === receiver) return;
  touched[touchedCount++] = receiver;
}

/** Called by native code after all messages that were received together. */
export function messagesDelivered(): void {
  const count = touchedCount;
  touchedCount = 0;
  for (let at = 0; at < count; at++) touched[at]!.batchEnded();
}

/** Called by native code. */
export function peerLeaves(channel: number, peer: number): void {
  receivers[channel]?.leaves(peer);
}

/** Called by native code. */
export function peerIsLost(channel: number, peer: number, error: Error): void {
  receivers[channel]?.lost(peer, error);
}
