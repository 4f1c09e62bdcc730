import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { testChecks } from '../support/checks.js';
import {
  describeOn,
  describeOnOpenMpi4,
  LAUNCHER,
  layouts,
  programFile,
} from '../support/layouts.js';
import { endedByLoss, runProgram } from '../support/program.js';

const program = 'results_behind_large.mjs';
const ways = {
  'by shared memory': {},
  'by MPI, its packets by a ring': { MPI_FUTURES_PEER_MEMORY: 'off' },
  'by MPI': { MPI_FUTURES_SHARED_MEMORY: '0' },
};

let folder: string;

beforeAll(() => {
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'mpi-futures-')), '/');
});
afterAll(() => rmSync(folder, { recursive: true }));

describeOnOpenMpi4('results behind a large one that is lost: Open MPI', () => {
  const { run } = layouts.find(({ name }) => name === 'openmpi singleton')!;
  for (const [way, settings] of Object.entries(ways)) {
    describe(way, () => {
      const env = { OMPI_MCA_orte_enable_recovery: '1', ...settings };
      testChecks(program, ({ deadline }) => run(program, { args: [folder], env, deadline }));
    });
  }
});

describeOn('mpich', 'results behind a large one that is lost: MPICH', () => {
  const program = 'result_behind_large.mjs';
  testChecks(program, ({ deadline }) =>
    endedByLoss(
      runProgram({
        mpi: 'mpich',
        ranks: 2,
        mpiexecArgs: ['-disable-auto-cleanup'],
        program: LAUNCHER,
        args: [programFile(program), folder, 'exits'],
        deadline,
      }),
    ),
  );
});
