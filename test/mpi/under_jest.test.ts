import { describeOn, programFile } from '../support/layouts.js';
import { runJest } from '../support/jest_run.js';

describeOn('openmpi', 'test files of jest as the program', () => {
  const options = {
    mpi: 'openmpi' as const,
    nodeArgs: ['--experimental-vm-modules'],
    args: ['--config', programFile('under_jest/jest.config.json'), '--no-cache'],
  };

  test('submits its own functions and those of modules', async () => {
    const { status, tests, messages } = await runJest(options);
    expect(messages).toBe('');
    expect(tests.filter((test) => test.status !== 'passed')).toEqual([]);
    expect(tests).toHaveLength(10);
    expect(status).toBe(0);
  });

  test('in two processes of one rank: the first has its MPI, the other is told what to do', async () => {
    const { status, tests, messages, stderr } = await runJest(options, 2);
    expect(messages).toMatch(/MPIUnavailableError: MPI was started by another process of rank 0/);
    expect(messages).toMatch('Under jest use -i, or no mpiexec');
    expect(stderr).not.toMatch('MPI_Init');
    const passed = tests.filter((test) => test.status === 'passed').length;
    expect([1, 9]).toContain(passed);
    expect(tests).toHaveLength(10);
    expect(status).toBe(1);
  });
});
