import { describeOn, programFile } from '../support/layouts.js';
import { runJest } from '../support/jest_run.js';

describeOn('openmpi', 'test files of jest as the program', () => {
  test('submits its own functions and those of modules', async () => {
    const { status, tests, messages } = await runJest({
      mpi: 'openmpi',
      nodeArgs: ['--experimental-vm-modules'],
      args: ['--config', programFile('under_jest/jest.config.json'), '--no-cache'],
    });
    expect(messages).toBe('');
    expect(tests.filter((test) => test.status !== 'passed')).toEqual([]);
    expect(tests).toHaveLength(10);
    expect(status).toBe(0);
  });
});
