/** Reduces many values to one: reduce, allreduce and scan. */

import { argumentTypeError } from '../../argument_errors.js';
import { validateRoot } from '../arguments.js';
import { allgatherBlocks, gatherBlocks } from './blocks.js';
import { collective, type Plan, type Stage } from './collective.js';
import type { Handle } from '../handle.js';
import { elementTypeFor } from './element_types.js';
import { functionNumber, Operation } from './operations.js';
import { allocate, isArrayLike, payloadOf, payloadOfArray, valueOf } from '../messages/payload.js';
import { reducible } from './reducible.js';

/** Combines `a`, the result for the lower ranks, with `b`, the value of the next rank. */
export type Fold = (a: never, b: never) => unknown;

/** The numbers of native/communicators/collectives.h. */
const kinds = { reduce: 0, allreduce: 1, scan: 2 } as const;
type Kind = keyof typeof kinds;

/**
 * Resolves to the values of all ranks, combined in rank order, on `root`; null elsewhere.
 *
 * @param operation - an Operation, or a function of two values whose result, or promise, is the first argument of the
 *   next call
 */
export function reduce(
  handle: Handle,
  value: unknown,
  operation: unknown,
  root: number,
): Promise<unknown> {
  return collective(handle, 'reduce', () => {
    validateRoot(root, handle);
    return planOf('reduce', value, operation, root, handle.extent.rank);
  });
}

/** Like {@link reduce}, with the result on all ranks. */
export function allreduce(handle: Handle, value: unknown, operation: unknown): Promise<unknown> {
  return collective(handle, 'allreduce', () => planOf('allreduce', value, operation));
}

/** Resolves to the values of ranks 0 to this one, combined in rank order. */
export function scan(handle: Handle, value: unknown, operation: unknown): Promise<unknown> {
  return collective(handle, 'scan', () => planOf('scan', value, operation));
}

/** @param root - the root of a reduce */
function planOf(
  kind: Kind,
  value: unknown,
  operation: unknown,
  root?: number,
  rank?: number,
): Plan<unknown> {
  if (typeof operation === 'function') {
    return foldAll(kind, payloadOf(value), functionNumber, operation as Fold, root);
  }
  if (!(operation instanceof Operation)) {
    throw argumentTypeError('SUM, another operation or a function', 'op', operation);
  }
  if (!isArrayLike(value)) {
    const foldable = reducible(value, operation);
    return foldAll(kind, foldable, operation.number, foldable.fold, root);
  }
  return reduceElements(kind, value, operation, root, rank);
}

function reduceElements(
  reduction: Kind,
  array: ArrayBufferView | ArrayBuffer,
  operation: Operation,
  root?: number,
  rank?: number,
): Plan<unknown> {
  const { kind, bytes, length } = payloadOfArray(array);
  const type = elementTypeFor(kind, operation);
  const getsResult = root === rank; // without a root, all do
  return {
    terms: { root, kind, length, operation: operation.number },
    proceed: async ({ addon, native, posted }) => {
      const into = allocate(addon, getsResult ? bytes.byteLength : 0);
      const number = operation.number;
      await posted(addon.reduce(native.id, kinds[reduction], bytes, into, type, number, root ?? 0));
      return getsResult ? valueOf(kind, into) : null;
    },
  };
}

interface Foldable {
  readonly kind: number;
  readonly bytes: Uint8Array;
  /** The number of elements, which must be the same on all ranks. */
  readonly elements?: number | undefined;
  /** Makes the value of such a payload; by default the value that was sent. */
  readonly read?: (bytes: Uint8Array) => unknown;
}

/** Combines the values in rank order, so that the result is the same on all ranks, and each time. */
function foldAll(
  reduction: Kind,
  { kind, bytes, elements, read = (block) => valueOf(kind, block) }: Foldable,
  operation: number,
  fold: Fold,
  root?: number,
): Plan<unknown> {
  const size = bytes.byteLength;
  return {
    terms: { root, kind, length: elements, operation, bytes: [size, size] },
    proceed: async (stage) => {
      const blocks = await blocksFor(reduction, stage, bytes, root);
      if (blocks === null) return null;
      return foldValues(blocks.map(read), fold);
    },
  };
}

async function foldValues(values: readonly unknown[], fold: Fold): Promise<unknown> {
  let result = values[0];
  for (const value of values.slice(1)) {
    result = fold(result as never, value as never);
    if (result instanceof Promise) result = await result;
  }
  return result;
}

async function blocksFor(
  reduction: Kind,
  stage: Stage,
  bytes: Uint8Array,
  root?: number,
): Promise<Uint8Array[] | null> {
  if (root !== undefined) return gatherBlocks(stage, bytes, root);
  const blocks = await allgatherBlocks(stage, bytes);
  return reduction === 'scan' ? blocks.slice(0, stage.native.rank + 1) : blocks;
}
