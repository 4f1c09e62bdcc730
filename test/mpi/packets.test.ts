import { addonFile } from '../../scripts/paths.mjs';
import { testChecks } from '../support/checks.js';
import { describeOn, programFile } from '../support/layouts.js';
import { runProgram } from '../support/program.js';

for (const mpi of ['openmpi', 'mpich'] as const)
  describeOn(mpi, `packets of a channel: ${mpi}`, () => {
    testChecks('packets.mjs', (options) =>
      runProgram({
        ...options,
        mpi,
        program: programFile('packets.mjs'),
        env: { MPI_FUTURES_ADDON: addonFile(mpi) },
      }),
    );
  });
