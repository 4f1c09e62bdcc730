/** What one rank gives to each: a list of values, or one typed array that is cut into equal parts. */

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

export interface Parts {
  readonly kind: number;
  /** One for each rank. */
  readonly blocks: readonly Uint8Array[];
  /** The values where they are a list. */
  readonly values: readonly unknown[] | undefined;
  /** The smallest and the largest size of a block. */
  readonly sizes: readonly [number, number];
}

/**
 * @param size - of the communicator
 * @throws {TypeError | RangeError} if there are not as many values, or if they are not alike
 */
export function partsOf(given: unknown, size: number): Parts {
  return isArrayLike(given) ? partsOfArray(given, size) : partsOfList(given, size);
}

function partsOfArray(array: ArrayBufferView | ArrayBuffer, size: number): Parts {
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

function partsOfList(given: unknown, size: number): Parts {
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
