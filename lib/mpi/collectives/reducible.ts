/** Applies MPI's operations to values that are no typed arrays: numbers, bigints, booleans, and arrays of them. */

import { argumentTypeError } from '../../argument_errors.js';
import type { Operation } from './operations.js';
import {
  plainKind,
  payloadOf,
  reducibleKinds,
  valueOf,
  type ReducibleName,
} from '../messages/payload.js';

/** A value, with the operation that combines two such values. */
export interface Reducible {
  readonly kind: number;
  readonly bytes: Uint8Array;
  /** The number of elements, if the value is an array. */
  readonly elements: number | undefined;
  readonly read: (bytes: Uint8Array) => unknown;
  readonly fold: (a: never, b: never) => unknown;
}

type Scalar = number | bigint | boolean;
type ScalarFold = (a: never, b: never) => Scalar;

const bit = (value: boolean): number => (value ? 1 : 0);

const folds: Record<string, Partial<Record<string, ScalarFold>>> = {
  number: {
    SUM: (a: number, b: number) => a + b,
    PROD: (a: number, b: number) => a * b,
    MIN: (a: number, b: number) => Math.min(a, b),
    MAX: (a: number, b: number) => Math.max(a, b),
    LAND: (a: number, b: number) => bit(a !== 0 && b !== 0),
    LOR: (a: number, b: number) => bit(a !== 0 || b !== 0),
    BAND: (a: number, b: number) => a & b,
    BOR: (a: number, b: number) => a | b,
    BXOR: (a: number, b: number) => a ^ b,
  },
  bigint: {
    SUM: (a: bigint, b: bigint) => a + b,
    PROD: (a: bigint, b: bigint) => a * b,
    MIN: (a: bigint, b: bigint) => (a < b ? a : b),
    MAX: (a: bigint, b: bigint) => (a > b ? a : b),
    BAND: (a: bigint, b: bigint) => a & b,
    BOR: (a: bigint, b: bigint) => a | b,
    BXOR: (a: bigint, b: bigint) => a ^ b,
  },
  boolean: {
    LAND: (a: boolean, b: boolean) => a && b,
    LOR: (a: boolean, b: boolean) => a || b,
    BXOR: (a: boolean, b: boolean) => a !== b,
  },
};

const bitwise = ['BAND', 'BOR', 'BXOR'];

/** @throws {TypeError} for a value that `operation` cannot be applied to */
export function reducible(value: unknown, operation: Operation): Reducible {
  const isArray = Array.isArray(value);
  const scalars: readonly unknown[] = isArray ? value : [value];
  const type = scalars.length === 0 ? 'number' : typeof scalars[0];
  const fold = folds[type]?.[operation.name];
  const fits = (scalar: unknown): boolean =>
    typeof scalar === type &&
    // A number of more than 32 bits would lose some.
    (type !== 'number' || !bitwise.includes(operation.name) || isInt32(scalar as number));
  const wrong = fold === undefined ? 0 : scalars.findIndex((scalar) => !fits(scalar));
  if (fold === undefined || wrong >= 0) {
    const expected = `${expectedBy(operation)}, arrays of one of these, or a function as operation`;
    throw argumentTypeError(expected, `the value of ${operation.name}`, scalars[wrong]);
  }
  const name: ReducibleName = `${isArray ? 'arrays of ' : ''}${type as 'number'}s`;
  return {
    kind: plainKind + 1 + reducibleKinds.indexOf(name),
    bytes: payloadOf(value).bytes,
    elements: isArray ? scalars.length : undefined,
    read: (bytes) => valueOf(plainKind, bytes),
    fold: isArray ? (a, b) => foldArrays(a, b, fold) : fold,
  };
}

function isInt32(number: number): boolean {
  return (number | 0) === number;
}

function expectedBy({ name }: Operation): string {
  const types = Object.keys(folds).filter((type) => folds[type]?.[name] !== undefined);
  const numbers = bitwise.includes(name) ? '32-bit integers' : 'numbers';
  return [numbers, ...types.slice(1).map((type) => `${type}s`)].join(', ');
}

function foldArrays(a: readonly never[], b: readonly never[], fold: ScalarFold): unknown[] {
  return a.map((element, index) => fold(element, b[index]!));
}
