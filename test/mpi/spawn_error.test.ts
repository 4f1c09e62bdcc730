import { canMpichSpawn, majorOfOpenMpi } from '../../scripts/mpi_environment.mjs';
import { describeOn, programFile } from '../support/layouts.js';
import { expectStatus, runProgram } from '../support/program.js';
import { testUnless } from '../support/unless.js';

const slots = {
  OMPI_MCA_rmaps_base_oversubscribe: undefined,
  PRTE_MCA_rmaps_default_mapping_policy: undefined,
  PRTE_MCA_mapby: undefined,
};
const testWithoutSpawn = testUnless(canMpichSpawn() ? 'this MPICH can spawn' : undefined);

describeOn('mpich', 'where MPICH cannot spawn', () => {
  // mpi4py: a spawn fails: all futures and `bootup` hang for ever
  testWithoutSpawn('a pool fails and says how to start the program instead', async () => {
    const program = programFile('spawn_error.mjs');
    const result = await runProgram({ mpi: 'mpich', ranks: 1, program });
    expectStatus(result, 0);
    expect(result.stdout).toMatch(/^ERR_SPAWN: .*mpiexec -n \d+ mpi-futures \S+/);
  });
});

describeOn('openmpi', 'on Open MPI', () => {
  // mpi4py: a spawn fails: all futures and `bootup` hang for ever
  test('more workers than slots are refused, and what to do is said', async () => {
    const result = await runProgram({
      mpi: 'openmpi',
      mpiexecArgs: ['--host', 'localhost:2'],
      program: programFile('spawn_error.mjs'),
      env: slots,
    });
    expect(result.stdout).toMatch('ERR_SPAWN');
    expect(result.stdout).toMatch('--oversubscribe');
  });

  test('a task that spawns more workers than slots fails likewise', async () => {
    const result = await runProgram({
      mpi: 'openmpi',
      mpiexecArgs: ['--host', 'localhost:3'],
      program: programFile('nested_slots.mjs'),
      env: slots,
    });
    // The mpiexec of Open MPI 5 and 6 ends with its own status after a refused spawn, whatever the status of the program.
    expectStatus(result, { 5: 213, 6: 29 }[majorOfOpenMpi()] ?? 0);
    expect(result.stdout).toMatch('ERR_SPAWN');
    expect(result.stdout).toMatch(':4 -n 1');
  });

  test.each(['/not/there', '/dev/null'])('%s as execPath is refused at once', async (file) => {
    const program = programFile('spawn_error.mjs');
    const result = await runProgram({ mpi: 'openmpi', program, args: [file] });
    expectStatus(result, 0);
    expect(result.stdout.trim()).toBe(
      `ERR_SPAWN: Expected an executable file for execPath but received '${file}'`,
    );
  });

  // mpi4py: without `max_workers`: universe size minus world size, at least 1
  test('slots are free again after shutdown', async () => {
    const result = await runProgram({
      mpi: 'openmpi',
      mpiexecArgs: ['--host', 'localhost:3'],
      program: programFile('slots.mjs'),
      env: slots,
    });
    expectStatus(result, 0);
    expect(result.stdout.trim().split(/\r?\n/)).toEqual(['1', '2', '3']);
  });

  test.each([1, 0])(
    'a spawn that hangs ends the pool, and the program (mpiexec: %i)',
    async (mpiexec) => {
      const result = await runProgram({
        mpi: mpiexec ? 'openmpi' : null,
        program: programFile('hanging_spawn.mjs'),
        args: ['ends'],
      });
      expect(result.stdout).toMatch(/ERR_SPAWN: .*1500 ms/);
      expect(result.stdout).toMatch('the next: ERR_SPAWN');
    },
  );

  // With mpiexec, Open MPI 4 ends the program itself, with the status of the worker.
  test.each([
    ['has no addon', /has ended before it was ready: Expected the path of an addon/],
    ['is killed', /has ended before it was ready: it was killed/],
    ['ends at once', /has not begun to run, and there is no process that could/],
  ])('a worker that %s when it starts is told, and how', async (cause, message) => {
    const result = await runProgram({
      mpi: null,
      program: programFile('hanging_spawn.mjs'),
      args: [cause],
    });
    expectStatus(result, 0);
    expect(result.stdout).toMatch(message);
    expect(result.stdout).toMatch(
      majorOfOpenMpi() < 5 ? 'the next: ERR_SPAWN' : /the next: (ERR_SPAWN|a result)/,
    );
  });
});
