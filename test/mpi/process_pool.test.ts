import { canMpichSpawn } from '../../scripts/mpi_environment.mjs';
import { testChecks } from '../support/checks.js';
import {
  describeOn,
  layouts,
  LAUNCHER,
  programFile,
  spawningMpichOptions,
} from '../support/layouts.js';
import { expectStatus, runProgram } from '../support/program.js';
import { testUnless } from '../support/unless.js';

describeOn('openmpi', 'ProcessPoolExecutor under the launcher', () => {
  const { run } = layouts.find(({ name }) => name === 'openmpi static')!;
  testChecks('process_pool.mjs', (options) => run('process_pool.mjs', options));
});

// Spawned workers inherit the environment of mpiexec.
describeOn('openmpi', 'ProcessPoolExecutor under mpi-futures/run in NODE_OPTIONS', () => {
  testChecks('process_pool.mjs', (options) =>
    runProgram({
      ...options,
      mpi: 'openmpi',
      ranks: 3,
      program: programFile('process_pool.mjs'),
      env: { NODE_OPTIONS: '--import=mpi-futures/run' },
    }),
  );
});

// Like yarn, which passes its module resolution to programs by NODE_OPTIONS.
describeOn('openmpi', 'a program that is given NODE_OPTIONS below mpiexec', () => {
  test.each(['--title=given', `--title=given --trace-event-file-pattern=${'x'.repeat(300)}`])(
    'starts its workers with %s',
    async (given) => {
      const mpiexecArgs = ['env', `NODE_OPTIONS=${given}`];
      const program = programFile('node_options.mjs');
      const result = await runProgram({ mpi: 'openmpi', ranks: 1, mpiexecArgs, program });
      expectStatus(result, 0);
      expect(result.stdout).toBe(`given,${given}\n`);
    },
  );
});

if (spawningMpichOptions) {
  describeOn('mpich', 'ProcessPoolExecutor under the launcher, where MPICH can spawn', () => {
    const { run } = layouts.find(({ name }) => name === 'mpich static')!;
    testChecks('process_pool.mjs', (options) =>
      run('process_pool.mjs', { ...options, ...spawningMpichOptions }),
    );
  });
}

describeOn('mpich', 'ProcessPoolExecutor under the launcher, where MPICH cannot spawn', () => {
  const { run } = layouts.find(({ name }) => name === 'mpich static')!;

  testUnless(canMpichSpawn() ? 'this MPICH can spawn' : undefined)(
    'fails with SpawnError, and the shared pool goes on',
    async () => {
      const result = await run('process_pool_refused.mjs');
      expectStatus(result, 0);
      expect(result.stdout).toMatch('ERR_SPAWN');
      expect(result.stdout).toMatch('shared: 3');
    },
  );
});

for (const mpi of ['openmpi', 'mpich'] as const) {
  describeOn(mpi, `the launcher with one rank: ${mpi}`, () => {
    testChecks('one_rank.mjs', (options) =>
      runProgram({
        ...options,
        mpi,
        ranks: 1,
        program: LAUNCHER,
        args: [programFile('one_rank.mjs')],
      }),
    );
  });
}
