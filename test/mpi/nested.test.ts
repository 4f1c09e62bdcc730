import { testChecks } from '../support/checks.js';
import { describeOnEachLayout, describeOnOpenMpi4, layouts } from '../support/layouts.js';
import { expectStatus, stderrOf } from '../support/program.js';

describeOnEachLayout('pools that tasks have', ({ run, spawns }) => {
  testChecks('nested.mjs', (options) =>
    run('nested.mjs', { ...options, args: [spawns ? 'spawns' : 'is a thread'] }),
  );

  if (!spawns) return;
  test.each([
    ['', []],
    [', also where a task of it never ends', ['busy']],
  ])('one that is left open ends with its process, silently%s', async (_, args) => {
    const result = await run('nested_left_open.mjs', { args });
    expect(stderrOf(result)).toBe('');
    expect(result.stdout).toBe('3\nover\n');
    expectStatus(result, 0);
  });
});

describeOnOpenMpi4('a pool that a task has, and whose worker was killed: singleton', () => {
  const { run } = layouts.find(({ name }) => name === 'openmpi singleton')!;
  test.each(['by shutdown', 'by itself'])('keeps no program from its end: %s', async (how) => {
    const result = await run('nested_lost.mjs', { args: [how] });
    expectStatus(result, 0);
    expect(result.stdout).toBe('WorkerLostError\nover\n');
  });

  // Without recovery Open MPI ends the process of the task when a second worker of it is killed.
  test('nor do several, under recovery', async () => {
    const env = { OMPI_MCA_orte_enable_recovery: '1' };
    const result = await run('nested_lost.mjs', { args: ['by shutdown', 'several'], env });
    expectStatus(result, 0);
    expect(result.stdout).toBe(`${'WorkerLostError\n'.repeat(3)}over\n`);
  });
});
