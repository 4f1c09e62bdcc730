/** Messages from one rank to another. */

import { PROC_NULL } from '../constants.js';
import { largestInside, packetOf, tags, type Envelope } from './envelope.js';
import type { Handle } from '../handle.js';
import type { Opened } from '../opened.js';
import {
  allocate,
  isUsable,
  kindOf,
  memoryOf,
  nameOfKind,
  payloadOf,
  valueOf,
  type Payload,
} from './payload.js';

/** A value that was received, with its sender and its tag. */
export interface Message<T = unknown> {
  readonly value: T;
  /** Rank of the sender. */
  readonly source: number;
  readonly tag: number;
}

/** A message that waits to be received. */
export interface MessageInfo {
  /** Rank of the sender. */
  readonly source: number;
  readonly tag: number;
  /** The size of the contents in bytes; for a typed array, that of its elements. */
  readonly byteLength: number;
}

/**
 * Encodes `value` now, and sends it. Resolves when `value` may be changed: at once for up to 32 KB, otherwise when it
 * was received.
 *
 * @throws {DataCloneError} for a value that cannot be sent
 */
export function send(handle: Handle, value: unknown, dest: number, tag: number): Promise<void> {
  const payload = payloadOf(value);
  if (dest === PROC_NULL) return Promise.resolve();
  return handle.during((opened) => sendPayload(handle, opened, payload, dest, tag));
}

async function sendPayload(
  handle: Handle,
  { addon, native }: Opened,
  { kind, bytes }: Payload,
  dest: number,
  tag: number,
): Promise<void> {
  if (bytes.byteLength <= largestInside) {
    const packet = packetOf(tag, kind, bytes, 0);
    await addon.exchange(native.id, tags.packets, [dest, packet], []);
    return;
  }
  const contentsTag = handle.contentsTags.take(dest);
  const packet = packetOf(tag, kind, bytes, contentsTag);
  await addon.sendWithContents(native.id, dest, packet, contentsTag, bytes);
  // Too large to be sent before it is received.
  handle.contentsTags.free(dest, contentsTag);
}

/**
 * Resolves to the first message that matches; receives are served in the order of the calls. ANY_SOURCE and ANY_TAG
 * match all.
 */
export function receive(handle: Handle, source: number, tag: number): Promise<Message> {
  if (source === PROC_NULL) return Promise.resolve({ value: null, source, tag });
  const taken = take(handle, source, tag, false);
  return handle.during(async (opened) => {
    const envelope = await taken;
    const bytes = await contentsOf(opened, envelope);
    return { value: valueOf(envelope.kind, bytes), source: envelope.source, tag: envelope.tag };
  });
}

/** Like {@link receive}, into the memory of `into`. A message that does not fit in is received, and dropped. */
export function receiveInto(
  handle: Handle,
  into: ArrayBufferView | ArrayBuffer,
  source: number,
  tag: number,
): Promise<MessageInfo> {
  if (source === PROC_NULL) return Promise.resolve({ source, tag, byteLength: 0 });
  const taken = take(handle, source, tag, false);
  return handle.during(async (opened) => {
    const envelope = await taken;
    const { source, tag, byteLength } = envelope;
    const wrong = whyNotInto(into, envelope);
    const memory = memoryOf(into).subarray(0, byteLength);
    const bytes = await contentsOf(opened, envelope, wrong ? undefined : memory);
    if (wrong !== undefined) throw wrong;
    if (bytes !== memory) memory.set(bytes);
    return { source, tag, byteLength };
  });
}

function whyNotInto(
  into: ArrayBufferView | ArrayBuffer,
  { source, kind, byteLength }: Envelope,
): Error | undefined {
  const end = `from rank ${source}; the message is dropped`;
  const wanted = kindOf(into);
  if (kind !== wanted) {
    const names = `Expected ${nameOfKind(wanted)} but received ${nameOfKind(kind)}`;
    return Object.assign(new TypeError(`${names} ${end}`), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  const room = memoryOf(into).byteLength;
  if (byteLength <= room) return undefined;
  const sizes = `Expected at most ${room} bytes but received ${byteLength}`;
  return Object.assign(new RangeError(`${sizes} ${end}`), { code: 'ERR_OUT_OF_RANGE' });
}

// Must run at once, so that messages go to waiting receives in the order of the calls.
function take(handle: Handle, source: number, tag: number, onlyLooks: boolean): Promise<Envelope> {
  const taken = handle.mailbox.take(source, tag, onlyLooks);
  taken.catch(() => undefined); // MPI may fail to start before anybody waits for it
  return taken;
}

/** The contents of a message: in `memory` if MPI can write into it, otherwise in memory of their own. */
async function contentsOf(
  { addon, native }: Opened,
  { source, byteLength, contents }: Envelope,
  memory?: Uint8Array,
): Promise<Uint8Array> {
  if (typeof contents !== 'number') return contents;
  const bytes = memory && isUsable(memory) ? memory : allocate(addon, byteLength);
  await addon.exchange(native.id, contents, [], [source, bytes]);
  return bytes;
}

/** Like {@link receive}, without the value: the message stays to be received. */
export function probe(handle: Handle, source: number, tag: number): Promise<MessageInfo> {
  if (source === PROC_NULL) return Promise.resolve({ source, tag, byteLength: 0 });
  const seen = take(handle, source, tag, true);
  return handle.during(async () => {
    const { source, tag, byteLength } = await seen;
    return { source, tag, byteLength };
  });
}
