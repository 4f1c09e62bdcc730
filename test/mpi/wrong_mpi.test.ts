import { describeOn, describeOnEachMpi, LAUNCHER, programFile } from '../support/layouts.js';
import { expectStatus, runProgram, type Mpi } from '../support/program.js';

const program = programFile('one_task.mjs');

describeOnEachMpi('settings that cannot be', ({ run }) => {
  test('MPI_FUTURES_MPI with a name that is none is refused with those that are', async () => {
    const result = await run(program, { env: { MPI_FUTURES_MPI: 'nonsense' } });
    expectStatus(result, 1);
    expect(result.stderr).toMatch(/openmpi or mpich.*MPI_FUTURES_MPI.*nonsense/);
  });

  test('MPI_FUTURES_ADDON that leads nowhere is named', async () => {
    const result = await run(program, { env: { MPI_FUTURES_ADDON: '/nowhere/mpi.node' } });
    expectStatus(result, 1);
    expect(result.stderr).toMatch('/nowhere/mpi.node');
  });
});

describe.each<[Mpi, Mpi]>([
  ['openmpi', 'mpich'],
  ['mpich', 'openmpi'],
])('under the mpiexec of %s with MPI_FUTURES_MPI=%s', (launcher, chosen) => {
  describeOn(launcher, 'the wrong MPI', () => {
    const env = { MPI_FUTURES_MPI: chosen };

    test('the launcher refuses to run', async () => {
      const options = { mpi: launcher, ranks: 2, program: LAUNCHER, args: [program], env };
      const result = await runProgram(options);
      expectStatus(result, 1);
      expect(result.stderr).toMatch(/Use the mpiexec of|MPI_FUTURES_MPI=/);
      expect(result.stdout).not.toMatch('answer');
    });

    test('a program of its own refuses to start workers', async () => {
      const result = await runProgram({ mpi: launcher, ranks: 1, program, env });
      expectStatus(result, 1);
      expect(result.stderr).toMatch(/Use the mpiexec of|MPI_FUTURES_MPI=/);
    });
  });
});

describeOn('mpich', 'a launcher that another program has started', () => {
  test('says how to be started', async () => {
    const result = await runProgram({
      mpi: 'mpich',
      ranks: 2,
      program: programFile('in_between.mjs'),
      args: [LAUNCHER, program],
    });
    expectStatus(result, 1);
    expect(result.stderr).toMatch('node_modules/.bin/mpi-futures');
  });
});
