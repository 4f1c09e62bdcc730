import { testChecks } from '../support/checks.js';
import { describeOnEachLayout } from '../support/layouts.js';
import { expectStatus } from '../support/program.js';

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
    expect(result.stderr).toBe('');
    expect(result.stdout).toBe('3\nover\n');
    expectStatus(result, 0);
  });
});
