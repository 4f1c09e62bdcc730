import { testChecks } from '../support/checks.js';
import { describeOn, programFile } from '../support/layouts.js';
import { runProgram, type Mpi } from '../support/program.js';

const mpis: readonly Mpi[] = ['openmpi', 'mpich'];

/** Programs that all ranks run, started by mpiexec without our launcher. */
function describeOnRanks(program: string, sizes: readonly number[]): void {
  for (const mpi of mpis) {
    for (const ranks of sizes) {
      describeOn(mpi, `${program} on ${ranks} ranks: ${mpi}`, () => {
        testChecks(program, (options) =>
          runProgram({ ...options, mpi, ranks, program: programFile(program) }),
        );
      });
    }
  }
}

describeOnRanks('communicators.mjs', [1, 2, 3, 5]);
