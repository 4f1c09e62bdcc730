/** The operations that reduce many values to one. */

/** A reduction operation that MPI defines. */
export class Operation {
  /** The name in MPI, without `MPI_`. */
  readonly name: string;
  /** @internal */
  readonly number: number;

  /** @internal */
  constructor(name: string, number: number) {
    this.name = name;
    this.number = number;
    Object.freeze(this);
  }
}

const names = ['SUM', 'PROD', 'MIN', 'MAX', 'LAND', 'LOR', 'BAND', 'BOR', 'BXOR'] as const;

function operation(name: (typeof names)[number]): Operation {
  return new Operation(name, names.indexOf(name));
}

/** The sum, which is the default of `reduce`, `allreduce` and `scan`. Integers of typed arrays wrap around. */
export const SUM = operation('SUM');

/** The product. Integers of typed arrays wrap around. */
export const PROD = operation('PROD');

/** The smallest value. */
export const MIN = operation('MIN');

/** The largest value. */
export const MAX = operation('MAX');

/** Logical and: whether all are true, or not 0. */
export const LAND = operation('LAND');

/** Logical or: whether one is true, or not 0. */
export const LOR = operation('LOR');

/** And, bit by bit; numbers must be 32-bit integers. */
export const BAND = operation('BAND');

/** Or, bit by bit; numbers must be 32-bit integers. */
export const BOR = operation('BOR');

/** Exclusive or, bit by bit; numbers must be 32-bit integers. */
export const BXOR = operation('BXOR');

/** The number that stands for any JavaScript function. */
export const functionNumber = names.length;

/** The name of an operation in messages. */
export function nameOfOperation(number: number): string {
  return names[number] ?? 'a function';
}
