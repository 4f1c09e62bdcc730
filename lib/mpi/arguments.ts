/** Checks of ranks, tags and memory. */

import { argumentRangeError, argumentTypeError } from '../argument_errors.js';
import { ANY_SOURCE, ANY_TAG, largestTag, PROC_NULL } from './constants.js';
import type { Handle } from './handle.js';
import { isDetached } from '../values/buffers/move.js';
import { isArrayLike } from './messages/payload.js';

/** A rank of the communicator that has a part of its own in a collective operation. */
export function validateRoot(root: unknown, { extent }: Handle): asserts root is number {
  validateRank(root, 'root', extent.size, []);
}

/** A rank that a message can be sent to, or PROC_NULL; in an intercommunicator a rank of the remote group. */
export function validateDest(dest: unknown, { peers }: Handle): asserts dest is number {
  validateRank(dest, 'dest', peers, [PROC_NULL]);
}

/** A rank that a message can come from, ANY_SOURCE or PROC_NULL. */
export function validateSource(source: unknown, { peers }: Handle): asserts source is number {
  validateRank(source, 'source', peers, [ANY_SOURCE, PROC_NULL]);
}

/** Memory to receive into. */
export function validateMemory(
  memory: unknown,
  name: string,
): asserts memory is ArrayBufferView | ArrayBuffer {
  if (!isArrayLike(memory))
    throw argumentTypeError('a typed array, DataView or ArrayBuffer', name, memory);
  if (isDetached(ArrayBuffer.isView(memory) ? memory.buffer : memory))
    throw argumentTypeError('memory that was not transferred', name, memory);
}

/** The tag of a message to be sent. */
export function validateTag(tag: unknown): asserts tag is number {
  validateInteger(tag, 'tag', 0, largestTag, 'an integer from 0 to 2147483647');
}

/** The tag of a message to be received. */
export function validateTagOrAny(tag: unknown): asserts tag is number {
  if (tag !== ANY_TAG) validateTag(tag);
}

function validateRank(
  value: unknown,
  name: string,
  size: number,
  others: readonly number[],
): asserts value is number {
  if (others.includes(value as number)) return;
  const expected = size === 1 ? 'rank 0, the only one,' : `a rank from 0 to ${size - 1}`;
  validateInteger(value, name, 0, size - 1, expected);
}

/** An integer from `smallest` to `largest`, which `expected` describes for the message. */
export function validateInteger(
  value: unknown,
  name: string,
  smallest: number,
  largest: number,
  expected: string,
): asserts value is number {
  if (typeof value !== 'number') throw argumentTypeError(expected, name, value);
  const isInRange = Number.isInteger(value) && value >= smallest && value <= largest;
  if (!isInRange) throw argumentRangeError(expected, name, value);
}
