/** A start that takes long: after 10 s the user is told what is waited for, and the program goes on when it is there. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { testChecks } from '../support/checks.js';
import {
  describeOn,
  describeOnEachMpi,
  describeOnOpenMpi4,
  LAUNCHER,
  layouts,
  programFile,
  threads,
} from '../support/layouts.js';
import { roleOf } from '../support/process_tree.js';
import {
  expectStatus,
  runProgram,
  type ProgramOptions,
  type ProgramResult,
} from '../support/program.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const preload = ['--require', programFile('held_up.cjs')];
const task = programFile('one_task.mjs');

/** What holds up a rank, or a thread, until the program has said `told`. */
function heldUp(rank: string, told: RegExp, at?: string) {
  const file = path.join(folder, `until_${Math.random()}`);
  return {
    env: { HELD_UNTIL: file, HELD_RANK: rank, HELD_AT: at },
    async whileRunning(program) {
      await program.printed(told);
      writeFileSync(file, '');
    },
  } satisfies Partial<ProgramOptions>;
}

/** That the program has done its task, and has said this once, and nothing else. */
function expectTold(result: ProgramResult, told: RegExp): void {
  expectStatus(result, 0);
  expect(result.stdout).toBe('answer 42\n');
  const lines = result.stderr.split('\n').filter((line) => /mpi-futures: |Warning: /.test(line));
  expect(lines).toEqual([expect.stringMatching(told)]);
}

for (const mpi of ['openmpi', 'mpich'] as const) {
  describeOn(mpi, `ranks of the mpiexec of ${mpi}`, () => {
    const run = (options: Partial<ProgramOptions>) =>
      runProgram({ mpi, ranks: 3, nodeArgs: preload, program: LAUNCHER, args: [task], ...options });

    const cases: [string, string, RegExp][] =
      mpi === 'openmpi'
        ? [
            [
              'starts MPI',
              '',
              /mpi-futures: waiting for the 3 processes of this job to have started MPI/,
            ],
          ]
        : [
            [
              'connects',
              'duplicate',
              /SLOW_START.*MPI has started in all ranks, but not all of them have connected/,
            ],
            [
              'says hello',
              'offerOutput',
              /SLOW_START.*MPI has started, but this process has not heard from worker 1\./,
            ],
          ];
    test.each(cases)('one that %s late is told of, and waited for', async (_, at, told) => {
      expectTold(await run(heldUp('2', told, at || undefined)), told);
    });
  });
}

for (const mpi of ['openmpi', 'mpich'] as const) {
  // No mpiexec says anything of it; the others wait in MPI_Init.
  describeOn(mpi, `a rank of the mpiexec of ${mpi} that ends before it has started MPI`, () => {
    const script = 'test "${OMPI_COMM_WORLD_RANK-$PMI_RANK}" != "$ENDS" || exit 0; exec "$0" "$@"';
    const launched: ProgramOptions = { program: LAUNCHER, args: [task] };
    const alike: ProgramOptions = { program: programFile('communicators.mjs') };

    test.each([
      ['with the launcher, rank 1', launched, '1'],
      ['with the launcher, rank 0', launched, '0'],
      ['with communicators, rank 1', alike, '1'],
    ])('%s: the others end, and say so', async (_, program, rank) => {
      const mpiexecArgs = ['sh', '-c', script];
      const result = await runProgram({
        ...program,
        mpi,
        ranks: 3,
        mpiexecArgs,
        env: { ENDS: rank },
      });
      expectStatus(result, 1);
      expect(
        result.stderr.split('1 of the 3 processes of this job on this host ended'),
      ).toHaveLength(2);
    });
  });
}

describe('a worker thread', () => {
  test('that starts late is told of, and waited for', async () => {
    const told = /SLOW_START.*Thread 0 has not started\./;
    const held = heldUp('thread', told);
    const options = { ...held, env: { ...held.env, MPI_FUTURES_MAX_WORKERS: '1' } };
    expectTold(await threads.run('late_thread.mjs', options), told);
  });
});

describeOnEachMpi(
  'a module that a worker never loads to its end',
  ({ run }) => {
    // Isolated, so that the task can be ended on every MPI.
    testChecks('slow_module.mjs', (options) =>
      run('slow_module.mjs', { ...options, env: { MPI_FUTURES_ISOLATE: '1' } }),
    );
  },
  layouts.filter(({ name }) => /singleton|static/.test(name)),
);

describe('a module that a thread never loads to its end', () => {
  testChecks('slow_module.mjs', (options) => threads.run('slow_module.mjs', options));
});

describeOnOpenMpi4('a spawned worker inside MPI_Init', () => {
  // Another one holds it up there. By itself it would end after a limit that is far away here.
  test.each([true, false])('ends with its master (mpiexec: %s)', async (launched) => {
    const file = path.join(folder, `until_${launched}`);
    await runProgram({
      mpi: launched ? 'openmpi' : null,
      mpiexecArgs: ['--enable-recovery'],
      program: programFile('half_started.mjs'),
      env: {
        MPI_FUTURES_MPI: 'openmpi',
        OMPI_MCA_orte_enable_recovery: '1',
        OMPI_MCA_pmix_base_exchange_timeout: '400',
        HELD_UNTIL: file,
        HELD_RANK: '1',
      },
      async whileRunning(program) {
        const [, master] = await program.printed(/master (\d+)\r?\n/);
        const inInit = () =>
          program.processes().find((info) => roleOf(info) === 'spawned worker rank 0');
        while (inInit() === undefined) await pause(20);
        process.kill(Number(master), 'SIGKILL');
        while (inInit() !== undefined) await pause(20);
        writeFileSync(file, '');
      },
    });
  });
});
