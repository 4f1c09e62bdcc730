/** The table of values that programs send, for tests without MPI: test/programs/values/table.cjs. */

export interface Row {
  name: string;
  value: unknown;
  message?: RegExp;
  verify?: (value: unknown) => void;
}

// The addon must not be loaded in the process of jest, and the table needs only these exports of the package.
jest.mock(
  'mpi-futures',
  () => ({ pack: Symbol.for('mpi-futures.pack'), unpack: Symbol.for('mpi-futures.unpack') }),
  { virtual: true },
);

/** What is sent, by list; and what is refused. */
export const { refused, ...table } = jest.requireActual<Record<string, Row> & { refused: Row[] }>(
  '../../programs/values/table.cjs',
);
