import { existsSync } from 'node:fs';
import { describeOnEachLayout } from '../support/layouts.js';
import { expectStatus } from '../support/program.js';
import { testUnless, unlessLinux } from '../support/unless.js';

describeOnEachLayout('a program that', ({ run, launched, mpi }) => {
  test.each([
    ['makes no pool', 0],
    ['never uses its pool', 0],
    ['only boots its pool', 0],
    // mpi4py: `sys.exit(n)` waits for queued tasks
    // Each of these takes as long as a program of the tests may run.
    ['exits with 0 while work is queued', 0],
    // mpi4py: `sys.exit(n)`: the status is n
    ['exits with 3 while work is queued', 3],
    ['exits with 0 while workers start', 0],
    ['exits with 3 while workers start', 3],
    ['ends while pools of its tasks compute', 0],
    ['exits with 3 while pools of its tasks compute', 3],
    // mpi4py: `sys.exit(n)`: the status is n
    ['sets exitCode 5', 5],
    // test_futures.py: mpi4py.run: statuses of ends of every kind
  ])('%s ends with status %i', async (way, status) => {
    expectStatus(await run('ends.mjs', { args: [way] }), status);
  });

  testUnless(unlessLinux)('leaves no shared memory behind', async () => {
    const result = await run('shared_memory.mjs');
    expectStatus(result, 0);
    expect(result.stdout.split('\n').filter(existsSync)).toEqual([]);
  });

  // The mpiexec of Open MPI 5 and later does not start without HOME.
  if (!launched && mpi !== null) {
    test('has no HOME runs', async () => {
      const result = await run('one_task.mjs', { env: { HOME: undefined } });
      expectStatus(result, 0);
      expect(result.stderr).not.toMatch('home directory');
    });
  }

  // mpi4py: a script that ends with tasks queued loses them
  // mpi4py: the program does not end before all futures are done
  test.each(['forgets shutdown', 'does not wait for its result', 'does not wait for shutdown'])(
    '%s has its result and ends with status 0',
    async (way) => {
      const result = await run('ends.mjs', { args: [way] });
      expectStatus(result, 0);
      expect(result.stdout).toMatch('a result');
    },
  );

  test.each(['submits in an exit listener', 'submits in an exit listener after process.exit'])(
    '%s is told that this is too late',
    async (way) => {
      const result = await run('ends.mjs', { args: [way] });
      expectStatus(result, 0);
      const calls = ['submit', 'map', 'starmap', 'with'].map(
        (call) => `${call}: ERR_EXECUTOR_SHUTDOWN`,
      );
      const told = [...calls, 'bootup: refused'];
      expect(result.stdout.trim().split('\n')).toEqual([...told, ...told, ...told]);
    },
  );

  // mpi4py: unhandled exception: status 1
  // test_futures.py: mpi4py.run: an error on any rank ends all
  test.each(['throws while work is queued', 'rejects while work is queued'])(
    '%s shows the error once and ends with status 1',
    async (way) => {
      const result = await run('ends.mjs', { args: [way] });
      expectStatus(result, 1);
      expect(result.stderr.match(/Error: nobody catches this/g)).toHaveLength(1);
    },
  );
});
