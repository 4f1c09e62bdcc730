/** Packets that come through communicators of the user's (native/communicators/mailbox.h). */

import { perProcess } from './per_process.js';

type PacketHandler = (source: number, packet: ArrayBuffer | Error) => void;

/** By the id of the communicator. */
const handlers = perProcess('packets', () => new Map<number, PacketHandler>());

/** Calls `handler` for each packet; an Error: there will be no more from that source. */
export function onPackets(communicator: number, handler: PacketHandler): void {
  handlers.set(communicator, handler);
}

/** Ends {@link onPackets}: later packets of this communicator are dropped. */
export function forgetPackets(communicator: number): void {
  handlers.delete(communicator);
}

/** From native code. */
export function dispatchPacket(
  communicator: number,
  source: number,
  packet: ArrayBuffer | Error,
): void {
  handlers.get(communicator)?.(source, packet);
}
