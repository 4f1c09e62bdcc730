import { describeOnEachMpi, layouts, threads } from '../support/layouts.js';
import { expectStatus, type ProgramResult } from '../support/program.js';

/** One warning, with the first failure. */
function expectWarning(result: ProgramResult, message: string, status = 0): void {
  expectStatus(result, status);
  expect(result.stderr.match(/UnobservedFailureWarning/g)).toHaveLength(1);
  expect(result.stderr).toMatch(`UnobservedFailureWarning: ${message} failed and nobody looked`);
  expect(result.stderr).toMatch('The first: Error: nobody looks at this');
  expect(result.stderr).not.toMatch('somebody looks at this');
}

describe('failures that nobody has looked at are told once when a program ends', () => {
  test.each([
    ['by itself', 0],
    ['by process.exit', 0],
    ['by an error', 1],
    ['by a signal that it listens to', 0],
    ['after shutdown', 0],
    ['at once after shutdown', 0],
    ['when the executor is garbage', 0],
    ['in a thread of its own', 0],
  ])('%s', async (way, status) => {
    const result = await threads.run('unseen.mjs', { args: [way] });
    expectWarning(result, '2 tasks of ThreadPoolExecutor', status);
    if (way === 'when the executor is garbage') expect(result.stdout).toMatch('collected');
  });

  test('with composed futures', async () => {
    const result = await threads.run('unseen.mjs', { args: ['with composed futures'] });
    expectWarning(result, 'A task of ThreadPoolExecutor');
    const ofNobody = await threads.run('unseen.mjs', { args: ['with futures of no executor'] });
    expectWarning(ofNobody, 'A task of compose');
  });

  test('unless Node.js is to warn of nothing', async () => {
    const args = ['by itself'];
    const result = await threads.run('unseen.mjs', { args, nodeArgs: ['--no-warnings'] });
    expectStatus(result, 0);
    expect(result.stderr).toBe('');
  });
});

describeOnEachMpi(
  'failures that nobody has looked at are told once when a program ends',
  ({ run }) => {
    test.each([
      ['by itself', 0],
      ['by process.exit', 0],
      ['by an error', 1],
      ['after shutdown', 0],
    ])('%s', async (way, status) => {
      const result = await run('unseen.mjs', { args: [way] });
      expectWarning(result, '2 tasks of PoolExecutor', status);
    });
  },
  layouts,
);
