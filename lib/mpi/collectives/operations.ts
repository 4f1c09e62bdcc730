/** The operations that reduce many values to one. */

/** One of MPI's own operations. */
export class Operation {
  /** As MPI calls it, without `MPI_`. */
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

const [sum, prod, min, max, land, lor, band, bor, bxor] = names.map(
  (name, number) => new Operation(name, number),
) as [
  Operation,
  Operation,
  Operation,
  Operation,
  Operation,
  Operation,
  Operation,
  Operation,
  Operation,
];

export {
  sum as SUM,
  prod as PROD,
  min as MIN,
  max as MAX,
  land as LAND,
  lor as LOR,
  band as BAND,
  bor as BOR,
  bxor as BXOR,
};

/** The number of any function. */
export const functionNumber = names.length;

/** How an operation is called in messages. */
export function nameOfOperation(number: number): string {
  return names[number] ?? 'a function';
}
