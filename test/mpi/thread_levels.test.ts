import { describeOnEachMpi } from '../support/layouts.js';
import { expectStatus } from '../support/program.js';

describeOnEachMpi('with less than MPI_THREAD_MULTIPLE', ({ run }) => {
  test.each(['single', 'funneled', 'serialized'])(
    '%s: bulk data and small tasks',
    async (level) => {
      const result = await run('bulk.mjs', { env: { MPI_FUTURES_THREAD_LEVEL: level } });
      expectStatus(result, 0);
      expect(result.stdout).not.toMatch('failure');
    },
  );

  test('a word that is no level is refused with those that are', async () => {
    const result = await run('one_task.mjs', { env: { MPI_FUTURES_THREAD_LEVEL: 'double' } });
    expectStatus(result, 1);
    expect(result.stderr).toMatch(/single, funneled, serialized or multiple/);
  });
});
