import { testChecks } from '../support/checks.js';
import { programFile } from '../support/layouts.js';
import { runProgram } from '../support/program.js';

describe('options of a pool', () => {
  testChecks('options.mjs', (options) =>
    runProgram({ mpi: null, program: programFile('options.mjs'), ...options }),
  );
});
