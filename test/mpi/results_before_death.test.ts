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
  threads,
} from '../support/layouts.js';
import { expectStatus, runProgram, type ProgramResult } from '../support/program.js';

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

describeOnOpenMpi4('Open MPI', () => {
  const { run } = layouts.find(({ name }) => name === 'openmpi singleton')!;
  const env = { OMPI_MCA_orte_enable_recovery: '1' };
  testDeaths('spawned', (args, deadline) => run(program, { args, env, deadline }));
  testDeaths('static', onStatic('openmpi', '--enable-recovery'), '1');
});

describeOn('mpich', 'MPICH', () => {
  const run = onStatic('mpich', '-disable-auto-cleanup');
  const endsWithLoss = async (args: string[], deadline: number) => {
    const result = await run(args, deadline);
    expectStatus(result, 1); // a program that has lost a worker is aborted
    return { ...result, status: 0 };
  };
  testDeaths('static', endsWithLoss, '1', ['exits']);
});

testDeaths(
  'threads',
  (args, deadline) =>
    threads.run(program, { args, env: { MPI_FUTURES_MAX_WORKERS: '4' }, deadline }),
  '1',
  ['exits'],
);
