/**
 * A communicator of size 1 without MPI. A worker thread uses it where there are no worker processes, since MPI belongs
 * to another thread. This file does for one rank what the addon does for the communicators of a process.
 */

import { InvalidStateError } from '../errors.js';
import type { NativeCommunicator } from '../addon/addon.js';
import { dispatchPacket } from '../addon/packets.js';
import { tags } from './messages/envelope.js';
import type { CommunicatorAddon, Opened } from './opened.js';

type Bytes = ArrayBufferView;

/** One side of a transfer that waits for the other. */
interface Half {
  readonly memory: Bytes;
  readonly done: () => void;
}

/** The messages that the rank has sent to itself, and the receives that wait for one. */
interface Mail {
  listening: boolean;
  readonly packets: ArrayBuffer[];
  /** The messages by tag, in the order of the calls. */
  readonly sent: Map<number, Half[]>;
  readonly expected: Map<number, Half[]>;
}

/** Ids count down from here; those of MPI count up from 0. */
let lastId = 0;
const mails = new Map<number, Mail>();

/** True for a communicator of this file, whose id MPI never uses. */
export function isAlone({ id }: NativeCommunicator): boolean {
  return id < 0;
}

/** A new communicator of one rank, and its stand-in for the addon. */
export function openAlone(): Opened {
  return { addon, native: create() };
}

function create(): NativeCommunicator {
  const id = --lastId;
  mails.set(id, { listening: false, packets: [], sent: new Map(), expected: new Map() });
  return { id, rank: 0, size: 1, remoteSize: 0, isInter: false };
}

function end(id: number): Promise<void> {
  mails.delete(id);
  return Promise.resolve();
}

const addon: CommunicatorAddon = {
  // MPI's own numbers do not matter: with one rank nothing can differ.
  errorClasses: () => ({ arg: 0, comm: 0, count: 0, op: 0, other: 0, root: 0, type: 0 }),
  allocate: (byteLength) => new ArrayBuffer(byteLength),
  duplicate: () => Promise.resolve(create()),
  split: (_id, color) => Promise.resolve(color < 0 ? null : create()),
  free: end,
  disconnect: end,
  broadcast: () => Promise.resolve(),
  allgather: (_id, from, into) => copy(from, into),
  reduce: (_id, _kind, from, into) => copy(from, into),
  listen(id, on) {
    const mail = mails.get(id)!;
    mail.listening = on;
    deliver(id, mail);
  },
  exchange: (id, tag, sent, received) => {
    const mail = mails.get(id)!;
    const transfers = [
      ...memories(sent).map((memory) => send(id, mail, tag, memory)),
      ...memories(received).map((memory) => receiveContents(mail, tag, memory)),
    ];
    return Promise.all(transfers).then(() => undefined);
  },
  sendWithContents: (id, dest, packet, tag, contents) => {
    void addon.exchange(id, tags.packets, [dest, packet], []);
    return addon.exchange(id, tag, [dest, contents], []);
  },
  problemOfInfo: refuseToSpawn,
  spawnFrom: refuseToSpawn,
  merge: refuseToSpawn, // with processes that were spawned
  duplicateSelf: () => Promise.resolve(create()),
  hold: () => undefined,
  expect: () => undefined,
};

function refuseToSpawn(): Promise<never> {
  return Promise.reject(
    new InvalidStateError(
      'A worker thread cannot spawn processes: MPI belongs to the main thread. Spawn them there',
    ),
  );
}

/** The blocks in a list of ranks and blocks; all ranks are 0. */
function memories(ranksAndBlocks: readonly (number | Bytes)[]): Bytes[] {
  return ranksAndBlocks.filter((each) => typeof each !== 'number');
}

function send(id: number, mail: Mail, tag: number, memory: Bytes): Promise<void> {
  if (tag !== tags.packets) return sendContents(mail, tag, memory);
  mail.packets.push(bytesOf(memory).slice().buffer);
  // Delivered after the call that sends has returned, like a message from another process.
  queueMicrotask(() => {
    deliver(id, mail);
  });
  return Promise.resolve();
}

function deliver(id: number, mail: Mail): void {
  while (mail.listening && mail.packets.length > 0) dispatchPacket(id, 0, mail.packets.shift()!);
}

/** Sends contents, which are copied once both sides are there. */
function sendContents({ sent, expected }: Mail, tag: number, memory: Bytes): Promise<void> {
  const other = expected.get(tag)?.shift();
  if (other === undefined) return wait(sent, tag, memory);
  other.done();
  return copy(memory, other.memory);
}

function receiveContents({ sent, expected }: Mail, tag: number, memory: Bytes): Promise<void> {
  const other = sent.get(tag)?.shift();
  if (other === undefined) return wait(expected, tag, memory);
  other.done();
  return copy(other.memory, memory);
}

function wait(halves: Map<number, Half[]>, tag: number, memory: Bytes): Promise<void> {
  return new Promise((done) => {
    halves.set(tag, [...(halves.get(tag) ?? []), { memory, done }]);
  });
}

function copy(from: Bytes, into: Bytes): Promise<void> {
  // Only the root of a reduction has memory for it.
  if (into.byteLength > 0) bytesOf(into).set(bytesOf(from));
  return Promise.resolve();
}

function bytesOf({ buffer, byteOffset, byteLength }: Bytes): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}
