import { capture } from '../../scripts/programs.mjs';
import { describeOn, programFile } from '../support/layouts.js';
import { expectStatus, runProgram } from '../support/program.js';

// MPICH over UCX cannot spawn, and Debian builds it so; over CH3 or OFI it can.
const cannotSpawn = capture('mpichversion', []).output.includes('ch4:ucx');
const testWithoutSpawn = cannotSpawn ? test : test.skip;

describeOn('mpich', 'where MPICH cannot spawn', () => {
  testWithoutSpawn('a pool fails at once and says how to start the program instead', async () => {
    const program = programFile('spawn_error.mjs');
    const result = await runProgram({ mpi: 'mpich', ranks: 1, program });
    expectStatus(result, 0);
    const failure = JSON.parse(result.stdout) as {
      code: string;
      message: string;
      milliseconds: number;
    };
    expect(failure.code).toBe('ERR_SPAWN');
    expect(failure.message).toMatch(/mpiexec -n N mpi-futures \S+/);
    // 2 s are required; a busy machine gets more.
    expect(failure.milliseconds).toBeLessThan(5000);
  });
});
