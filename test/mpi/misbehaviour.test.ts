import { testChecks } from '../support/checks.js';
import { describeOnEachLayout } from '../support/layouts.js';
import { expectStatus } from '../support/program.js';

describeOnEachLayout('tasks that misbehave', ({ run }) => {
  testChecks('misbehaviour.mjs', (options) => run('misbehaviour.mjs', options));

  test('what a task has left behind is reported, and fails nobody', async () => {
    const result = await run('left_behind.mjs');
    expectStatus(result, 0);
    expect(result.stdout).toMatch('all is well');
    const told = 'outside of any running task, by code that a task of leave left running';
    for (const error of ['thrown late', 'rejected late', 'emitted late', 'ENOENT'])
      expect(result.stderr).toMatch(
        new RegExp(`thrown on a worker, ${told}:\\s+.*Error: ${error}`),
      );
    expect(result.stderr).toMatch('Error: its cause');
    expect(result.stderr).not.toMatch(/^\s+at .*\/(dist|lib)\//m);
    expect(result.stderr).toMatch(`process.exit(9) was called on a worker, ${told}`);
  });
});

describeOnEachLayout('tasks that change what belongs to all', ({ run }) => {
  testChecks('changed_language.mjs', (options) => run('changed_language.mjs', options));
});

describeOnEachLayout('an initializer that hangs', ({ run, spawns }) => {
  const bootTimeout = spawns ? '10000' : '2000'; // far longer than the start takes, which also counts
  describe.each(['waiting', 'busy'])('%s', (how) => {
    testChecks('hanging_initializer.mjs', (options) =>
      run('hanging_initializer.mjs', { ...options, args: [how, bootTimeout] }),
    );
  });
});
