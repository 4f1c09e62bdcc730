/**
 * The direct way between this process and a sandbox of the same host, which does not lead through the worker
 * (docs/design/isolation.md).
 */

import type { Addon } from '../addon/addon.js';
import { Channel, type ChannelReceiver } from '../addon/channel.js';
import type { MPIError } from '../errors.js';
import type { DirectOffer } from '../tasks/addresses.js';

/** Called with what comes by the direct way. */
export interface DirectWayEvents {
  /** @throws for a message that no sandbox sends: nothing more of it is believed then */
  message(payload: Buffer, buffers: ArrayBuffer[] | undefined): void;
  /** Called after the messages that were received together. */
  batchEnded(): void;
  /** Called once, when nothing more comes. `damage` is the reason why what has come cannot be trusted, or read; else undefined. */
  over(damage: string | undefined): void;
}

/** As native code says it. */
const hasEnded = 'its process has ended';

type Early = [payload: Buffer, buffers: ArrayBuffer[] | undefined];

/** One sandbox's direct way, from this side. */
export class DirectWay implements ChannelReceiver {
  readonly #events: DirectWayEvents;
  #channel: Channel | undefined;
  /** Messages that have overtaken those by the worker; undefined once there are none of these any more. */
  #early: Early[] | undefined = [];

  #then: (() => void) | undefined;
  /** True once something has come that no sandbox sends. */
  #isDistrusted = false;

  private constructor(events: DirectWayEvents) {
    this.#events = events;
  }

  /** Opens what a sandbox offers; undefined if it cannot be reached. */
  static open(addon: Addon, offer: DirectOffer, events: DirectWayEvents): DirectWay | undefined {
    const way = new DirectWay(events);
    way.#channel = Channel.direct(addon, offer, way);
    return way.#channel && way;
  }

  send(payload: Uint8Array, length: number, buffers?: readonly ArrayBuffer[]): void {
    this.#channel?.send(0, payload, length, buffers);
  }

  sendLasting(message: Uint8Array): void {
    this.#channel?.sendLasting(0, message);
  }

  /** Notes that the last message by the worker is here. */
  isUsed(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const [payload, buffers] of early) this.#deliver(payload, buffers);
    if (early.length > 0) this.#events.batchEnded();
  }

  /**
   * Notes that the sandbox has ended. All that it had sent comes before the way is over.
   *
   * @param then - called afterwards
   */
  hasEnded(then?: () => void): void {
    if (this.#channel === undefined) {
      then?.();
      return;
    }
    this.#then = then;
    this.#channel.peerEnded(0);
  }

  /** Receives and sends no more; resolves when the memory of both is given back. */
  async close(): Promise<void> {
    const channel = this.#channel;
    this.#channel = undefined;
    channel?.peerEnded(0);
    await channel?.close();
  }

  message(_source: number, payload: Buffer, buffers: ArrayBuffer[] | undefined): void {
    if (this.#early === undefined) this.#deliver(payload, buffers);
    else this.#early.push([payload, buffers]);
  }

  #deliver(payload: Buffer, buffers: ArrayBuffer[] | undefined): void {
    if (this.#isDistrusted) return;
    try {
      this.#events.message(payload, buffers);
    } catch (error) {
      this.#isDistrusted = true;
      void this.close();
      this.#events.over(`it has sent an invalid message: ${(error as Error).message}`);
    }
  }

  batchEnded(): void {
    this.#events.batchEnded();
  }

  leaves(): void {
    // The worker says how the sandbox has ended.
  }

  lost(_peer: number, error: Error): void {
    void this.close();
    // Its worker has ended with it, and may not have said that the last message by it was here.
    if (this.#then !== undefined) this.isUsed();
    // A large message that cannot be read is that of a sandbox which has ended meanwhile.
    const isCutOff =
      (error as Partial<MPIError>).call === 'process_vm_readv' || error.message === hasEnded;
    if (!this.#isDistrusted) this.#events.over(isCutOff ? undefined : error.message);
    this.#then?.();
  }
}
