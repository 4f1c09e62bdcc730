import { testChecks } from '../support/checks.js';
import { describeOnEachMpi } from '../support/layouts.js';

describeOnEachMpi('the direct way to a sandbox', ({ run, mpi, spawns }) => {
  describe('where memory can be shared', () => {
    testChecks('direct_way.mjs', (options) =>
      run('direct_way.mjs', { ...options, args: ['direct'] }),
    );
  });

  // The ranks of a launcher differ in nothing that matters there.
  if (!spawns && mpi === 'openmpi') return;
  describe('where none is shared: all goes through the worker', () => {
    testChecks('direct_way.mjs', (options) =>
      run('direct_way.mjs', {
        ...options,
        args: ['by the worker'],
        env: { MPI_FUTURES_SHARED_MEMORY: '0' },
      }),
    );
  });
});
