import path from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { describeOn, programFile } from '../support/layouts.js';
import { runProgram } from '../support/program.js';

interface Outcome {
  testResults: { message: string; assertionResults: { title: string; status: string }[] }[];
}

describeOn('openmpi', 'a test file of jest as the program', () => {
  test('submits its own functions and those of modules', async () => {
    const { stdout } = await runProgram({
      mpi: 'openmpi',
      nodeArgs: ['--experimental-vm-modules'],
      program: path.join(root, 'node_modules/jest/bin/jest.js'),
      args: ['--config', programFile('under_jest/jest.config.json'), '--json', '--no-cache', '-i'],
      env: { CI: '1' },
      deadline: 50_000,
    });
    const { testResults } = JSON.parse(stdout.slice(stdout.indexOf('{"num'))) as Outcome;
    const outcomes = testResults.flatMap(({ assertionResults }) => assertionResults);
    const failed = outcomes.filter(({ status }) => status !== 'passed');
    expect(
      failed.map(({ title }) => title).join() + testResults.map((r) => r.message).join(''),
    ).toBe('');
    expect(outcomes).toHaveLength(9);
  });
});
