import { testChecks } from '../support/checks.js';
import { describeOn, programFile } from '../support/layouts.js';
import {
  expectEndedByDeath,
  expectStatus,
  killVictim,
  runProgram,
  type ProgramOptions,
} from '../support/program.js';

for (const mpi of ['openmpi', 'mpich'] as const) {
  for (const ranks of [1, 2, 5]) {
    describeOn(mpi, `CommExecutor: ${mpi} with ${ranks} ranks`, () => {
      const program = programFile('comm_executor.mjs');
      testChecks('comm_executor.mjs', (options) => runProgram({ ...options, mpi, ranks, program }));
    });
  }
}

/** A rank that ends in the middle ends all of them; mpiexec decides which status is seen (docs/design/lifecycle.md). */
for (const mpi of ['openmpi', 'mpich'] as const) {
  describeOn(mpi, `CommExecutor: ends under ${mpi}`, () => {
    const program = programFile('comm_executor_ends.mjs');
    const run = (how: string, whileRunning?: ProgramOptions['whileRunning']) =>
      runProgram({ mpi, ranks: 3, program, args: [how], ...(whileRunning && { whileRunning }) });

    test.each([
      ['exit', 3],
      ['throw', 1],
      ['afterwards', 3],
    ])('%s on one rank: all end, with status %d', async (how, status) => {
      expectStatus(await run(how), status);
    });

    test.each(['worker', 'master'])('the death of a %s ends all', async (who) => {
      expectEndedByDeath(await run(who, killVictim));
    });
  });
}
