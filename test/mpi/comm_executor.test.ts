import { testChecks } from '../support/checks.js';
import { describeOn, programFile } from '../support/layouts.js';
import { runProgram } from '../support/program.js';

for (const mpi of ['openmpi', 'mpich'] as const) {
  for (const ranks of [1, 2, 5]) {
    describeOn(mpi, `CommExecutor: ${mpi} with ${ranks} ranks`, () => {
      const program = programFile('comm_executor.mjs');
      testChecks('comm_executor.mjs', (options) => runProgram({ ...options, mpi, ranks, program }));
    });
  }
}
