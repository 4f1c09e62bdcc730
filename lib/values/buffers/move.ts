/** Buffers that are moved to the receiver instead of copied. */

import { types } from 'node:util';
import * as workerThreads from 'node:worker_threads';

import { attempt } from '../../attempt.js';
import { DataCloneError } from '../../errors.js';
import { Refusal } from '../refusing/refusals.js';
import { extentOf } from './views.js';

// From Node.js 21 on.
const { isMarkedAsUntransferable } = workerThreads as {
  isMarkedAsUntransferable?: (object: unknown) => boolean;
};

const marked = new WeakSet<ArrayBufferLike>();

/** An addon that makes buffers of its own memory, which Node.js refuses to move. */
export interface MemoryOwner {
  /**
   * Moves the memory to another buffer, and detaches this one; undefined if the addon has not made it. Used before
   * Node.js 21; from then on the language does it, which knows of buffers that the program has forbidden to move, where
   * the addon would end it.
   */
  moveOut(buffer: ArrayBufferLike): ArrayBuffer | undefined;
  /** True for the buffers that `moveOut` moves. */
  owns(buffer: ArrayBufferLike): boolean;
}

const owners = new Set<MemoryOwner>();

/** Lets {@link move} move the buffers of this addon, such as those of received arrays. */
export function moveMemoryOf(owner: MemoryOwner): void {
  owners.add(owner);
}

/**
 * Marks the buffers inside `value` as moved: when it is sent, they are not copied but taken over whole, and are
 * detached here. Arrays, objects, maps and sets are searched for buffers.
 *
 * @returns value
 * @throws {DataCloneError} for a part of the memory that Node.js shares among small Buffers
 */
export function move<T>(value: T): T {
  const buffers = new Set<ArrayBufferLike>();
  for (const object of reachableFrom(value)) {
    if (ArrayBuffer.isView(object)) {
      refusePooled(object);
      buffers.add(extentOf(object).buffer);
    } else if (types.isArrayBuffer(object)) {
      buffers.add(object);
    }
  }
  for (const buffer of buffers) marked.add(buffer);
  return value;
}

/** True if {@link move} has marked `buffer`, so that sending takes it over. */
export function isMoved(buffer: ArrayBufferLike): boolean {
  return marked.has(buffer);
}

/** True if `buffer` has been detached from its memory. */
export function isDetached(buffer: ArrayBufferLike): boolean {
  if (buffer.byteLength > 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/**
 * Detaches all these buffers and returns their memory, in their order.
 *
 * @throws {Refusal} if one of them cannot be detached; then all stay as they are
 */
export function takeOver(buffers: readonly ArrayBuffer[]): ArrayBuffer[] {
  for (const buffer of buffers) {
    if (ownerOf(buffer) !== undefined ? !isDetachable(buffer) : !isTransferable(buffer))
      throw immovable(buffer);
  }
  return buffers.map(takeOne);
}

function takeOne(buffer: ArrayBuffer): ArrayBuffer {
  const owner = ownerOf(buffer);
  // structuredClone() refuses what was marked as untransferable, as all memory of an addon is. transfer(), from Node.js 21 on, does
  // not, and is for that memory alone; before, the addon itself hands it over.
  const taken = attempt(() =>
    owner === undefined
      ? structuredClone(buffer, { transfer: [buffer] })
      : transfer === undefined
        ? owner.moveOut(buffer)
        : transfer.call(buffer),
  );
  if (taken === undefined) throw immovable(buffer);
  return taken;
}

function immovable(buffer: ArrayBuffer): Refusal {
  return new Refusal(
    buffer,
    ownerOf(buffer) === undefined
      ? 'cannot be moved: its memory belongs to others, too (WebAssembly memory, or that of small Buffers), or the program has marked it as untransferable; send a copy'
      : 'cannot be moved: it is marked as untransferable; send a copy',
  );
}

/**
 * True if Node.js can transfer `buffer`. It is asked to do so twice at once, which it refuses before it transfers
 * anything; with other buffers it does not get that far.
 */
function isTransferable(buffer: ArrayBuffer): boolean {
  try {
    structuredClone(null, { transfer: [buffer, buffer] }); // Node.js 20 leaves out those that it cannot transfer
    return false;
  } catch (error) {
    return String(error).includes('duplicate');
  }
}

// From Node.js 21 on.
const { transfer } = ArrayBuffer.prototype as { transfer?: (length?: number) => ArrayBuffer };

/**
 * True if the language can transfer `buffer`. It is asked for more memory than there is, which it finds out after it
 * has checked the buffer.
 */
function isDetachable(buffer: ArrayBuffer): boolean {
  try {
    transfer?.call(buffer, Number.MAX_SAFE_INTEGER);
    return true;
  } catch (error) {
    return (error as Error).name === 'RangeError';
  }
}

function* reachableFrom(value: unknown): Iterable<object> {
  const seen = new Set<object>();
  const waiting = [value];
  while (waiting.length > 0) {
    const object = waiting.pop();
    if (typeof object !== 'object' || object === null || seen.has(object)) continue;
    seen.add(object);
    yield object;
    if (types.isMap(object)) for (const entry of object) waiting.push(...entry);
    else if (types.isSet(object)) for (const member of object) waiting.push(member);
    if (ArrayBuffer.isView(object)) continue;
    for (const key of Object.keys(object)) waiting.push((object as Record<string, unknown>)[key]);
  }
}

/** True if `buffer` is memory that Node.js shares among small Buffers. Before Node.js 21 only its size shows this. */
export function isPool(buffer: ArrayBufferLike): boolean {
  const isMarked = isMarkedAsUntransferable?.(buffer) ?? buffer.byteLength === Buffer.poolSize;
  return isMarked && ownerOf(buffer) === undefined;
}

function ownerOf(buffer: ArrayBufferLike): MemoryOwner | undefined {
  for (const owner of owners) if (owner.owns(buffer)) return owner;
  return undefined;
}

/** Filters the buffers that a MessagePort can transfer: it copies the others. */
export function transferable(buffers: readonly ArrayBuffer[]): readonly ArrayBuffer[] {
  return owners.size === 0 ? buffers : buffers.filter((buffer) => ownerOf(buffer) === undefined);
}

function refusePooled(view: ArrayBufferView): void {
  if (!Buffer.isBuffer(view) || view.byteLength === view.buffer.byteLength) return;
  if (isPool(view.buffer))
    throw new DataCloneError(
      'A small Buffer cannot be moved: its memory is shared with others; make it with Buffer.allocUnsafeSlow, or send it unmoved',
    );
}
