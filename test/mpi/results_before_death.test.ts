import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { majorOfOpenMpi } from '../../scripts/mpi_environment.mjs';
import { testChecks } from '../support/checks.js';
import {
  describeOn,
  describeOnOpenMpi4,
  LAUNCHER,
  layouts,
  programFile,
  threads,
} from '../support/layouts.js';
import { endedByLoss, runProgram, type ProgramResult } from '../support/program.js';

const program = 'results_before_death.mjs';

/**
 * How many workers die in each of the three rounds where they are replaced; more, with another seed, in
 * MPI_FUTURES_TEST_DEATHS=11 npm test -- results_before_death
 */
const deaths = process.env.MPI_FUTURES_TEST_DEATHS ?? '2';
const seed = deaths === '2' ? '3' : String(Date.now() % 1e6);

let folder: string;

beforeAll(() => {
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'mpi-futures-')), '/');
});
afterAll(() => rmSync(folder, { recursive: true }));

function testDeaths(
  how: string,
  run: (args: string[], deadline: number) => Promise<ProgramResult>,
  each = deaths,
  ways: string[] = [],
): void {
  describe(`what was answered before a death is neither lost nor run again: ${how}, seed ${seed}`, () => {
    testChecks(program, ({ deadline }) =>
      run([mkdtempSync(folder), each, seed, ...ways], deadline),
    );
  });
}

function onStatic(mpi: 'openmpi' | 'mpich', option: string) {
  return (args: string[], deadline: number) =>
    runProgram({
      mpi,
      ranks: 5,
      mpiexecArgs: [option],
      program: LAUNCHER,
      args: [programFile(program), ...args],
      deadline,
    });
}

function endsWithLoss(run: ReturnType<typeof onStatic>): typeof run {
  return (args, deadline) => endedByLoss(run(args, deadline));
}

describeOnOpenMpi4('Open MPI', () => {
  const { run } = layouts.find(({ name }) => name === 'openmpi singleton')!;
  const env = { OMPI_MCA_orte_enable_recovery: '1' };
  testDeaths('spawned', (args, deadline) => run(program, { args, env, deadline }));
});

describeOn('openmpi', 'Open MPI', () => {
  const run = onStatic('openmpi', '--enable-recovery');
  testDeaths('static', majorOfOpenMpi() < 5 ? run : endsWithLoss(run), '1');
});

describeOn('mpich', 'MPICH', () => {
  testDeaths('static', endsWithLoss(onStatic('mpich', '-disable-auto-cleanup')), '1', ['exits']);
});

testDeaths(
  'threads',
  (args, deadline) =>
    threads.run(program, { args, env: { MPI_FUTURES_MAX_WORKERS: '4' }, deadline }),
  '1',
  ['exits'],
);
