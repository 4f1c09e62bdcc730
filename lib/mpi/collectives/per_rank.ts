/**
 * Makes one block of bytes for each rank, from a list of values or from one typed array that is cut into equal parts.
 */

import { argumentRangeError, argumentTypeError } from '../../argument_errors.js';
import { validateIterable } from '../../validators.js';
import {
  elementSize,
  isArrayLike,
  nameOfKind,
  payloadOf,
  payloadOfArray,
  type Payload,
} from '../messages/payload.js';

/** The argument of a scatter or an alltoall, by rank. */
export interface PerRank {
  readonly kind: number;
  /** One block for each rank. */
  readonly blocks: readonly Uint8Array[];
  /** The values, if the argument was a list. */
  readonly values: readonly unknown[] | undefined;
  /** The smallest and the largest size of a block. */
  readonly sizes: readonly [number, number];
}

/**
 * @param size - the size of the communicator
 * @throws {TypeError | RangeError} if there are not as many values as ranks, or if they are not alike
 */
export function perRankOf(given: unknown, size: number): PerRank {
  return isArrayLike(given) ? perRankOfArray(given, size) : perRankOfList(given, size);
}

function perRankOfArray(array: ArrayBufferView | ArrayBuffer, size: number): PerRank {
  const { kind, bytes, length } = payloadOfArray(array);
  if (length % size !== 0) {
    const expected = `a multiple of ${size} elements`;
    throw argumentRangeError(expected, 'values', length);
  }
  const each = (length / size) * elementSize(kind);
  const blocks = Array.from({ length: size }, (_, rank) =>
    bytes.subarray(rank * each, (rank + 1) * each),
  );
  return { kind, blocks, values: undefined, sizes: [each, each] };
}

function perRankOfList(given: unknown, size: number): PerRank {
  validateIterable(given, 'values', 'values, one for each rank,');
  const values = [...given];
  if (values.length !== size) {
    const expected = `as many values as there are ranks, ${size},`;
    throw argumentRangeError(expected, 'values', values.length);
  }
  const payloads: Payload[] = values.map(payloadOf);
  const { kind } = payloads[0]!;
  const other = payloads.find((payload) => payload.kind !== kind);
  if (other !== undefined) {
    const received = `${nameOfKind(kind)} and ${nameOfKind(other.kind)}`;
    throw argumentTypeError('values of one kind', 'values', received);
  }
  const sizes = payloads.map(({ bytes }) => bytes.byteLength);
  return {
    kind,
    blocks: payloads.map(({ bytes }) => bytes),
    values,
    sizes: [Math.min(...sizes), Math.max(...sizes)],
  };
}
