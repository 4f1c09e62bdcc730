/** Packets that are received through the user's communicators (native/communicators/mailbox.h). */

import { perProcess } from './per_process.js';

type PacketHandler = (source: number, packet: ArrayBuffer | Error) => void;

/** The handlers by id of their communicator. */
const handlers = perProcess('packets', () => new Map<number, PacketHandler>());

/** Calls `handler` for each packet. An Error means that no more packets come from that source. */
export function onPackets(communicator: number, handler: PacketHandler): void {
  handlers.set(communicator, handler);
}

/** Ends {@link onPackets}: later packets of this communicator are dropped. */
export function forgetPackets(communicator: number): void {
  handlers.delete(communicator);
}

/** Called by native code. */
export function dispatchPacket(
  communicator: number,
  source: number,
  packet: ArrayBuffer | Error,
): void {
  handlers.get(communicator)?.(source, packet);
}
