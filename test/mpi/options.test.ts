import { testChecks } from '../support/checks.js';
import { programFile, threads } from '../support/layouts.js';
import { runProgram } from '../support/program.js';

describe('options of a pool', () => {
  testChecks('options.mjs', (options) =>
    runProgram({ mpi: null, program: programFile('options.mjs'), ...options }),
  );
});

describe('options of a pool of threads', () => {
  testChecks('options.mjs', (options) => threads.run('options.mjs', options));
});
