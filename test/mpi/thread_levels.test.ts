import { testChecks } from '../support/checks.js';
import { describeOnEachMpi } from '../support/layouts.js';
import { expectStatus } from '../support/program.js';

// All other tests can also be run at a certain level: MPI_FUTURES_THREAD_LEVEL=funneled npm test -- mpi
const levels = ['single', 'funneled', 'serialized', 'multiple'];

for (const level of levels) {
  const env = { MPI_FUTURES_THREAD_LEVEL: level };

  describeOnEachMpi(`at thread level ${level}`, ({ run }) => {
    let stderr: string;
    testChecks('two_pools.mjs', async (options) => {
      const result = await run('two_pools.mjs', { ...options, env });
      ({ stderr } = result);
      return result;
    });

    const belowSerialized = level === 'single' || level === 'funneled';
    // mpi4py: below `MPI_THREAD_SERIALIZED`: a warning for every pool
    test(belowSerialized ? 'the program is warned, once' : 'nobody is warned', () => {
      const warnings = stderr.match(/MPIThreadLevelWarning: .*/g) ?? [];
      expect(warnings).toHaveLength(belowSerialized ? 1 : 0);
    });
  });
}

describeOnEachMpi('at thread level single', ({ run }) => {
  const env = { MPI_FUTURES_THREAD_LEVEL: 'single' };
  testChecks('bulk.mjs', (options) => run('bulk.mjs', { ...options, env }));
});

describeOnEachMpi('below MPI_THREAD_MULTIPLE', ({ run }) => {
  // mpi4py: one thread makes all MPI calls, at every thread level
  // test_futures.py: Submit mpi_serialized_support
  test.each(['funneled', 'serialized'])(
    '%s: process.exit while work is queued keeps its status',
    async (level) => {
      const args = ['exits with 3 while work is queued'];
      expectStatus(await run('ends.mjs', { args, env: { MPI_FUTURES_THREAD_LEVEL: level } }), 3);
    },
  );

  // mpi4py: `MPI4PY_RC_THREAD_LEVEL`
  test('a word that is no level is refused with those that are', async () => {
    const result = await run('one_task.mjs', { env: { MPI_FUTURES_THREAD_LEVEL: 'double' } });
    expectStatus(result, 1);
    expect(result.stderr).toMatch(/single, funneled, serialized or multiple/);
  });
});
