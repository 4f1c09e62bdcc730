import * as index from '../../lib/index.js';
import * as indexEntry from '../../lib/entry/index.js';
import * as mpi from '../../lib/mpi/index.js';
import * as mpiEntry from '../../lib/entry/mpi.js';

// An export that an entry does not name would exist in the types but be undefined.
test.each([
  ['mpi-futures', indexEntry, index],
  ['mpi-futures/mpi', mpiEntry, mpi],
])('%s exports all that its types say', (_, entry, module) => {
  expect(Object.keys(entry).sort()).toEqual(Object.keys(module).sort());
});
