import { describeOn, LAUNCHER, programFile } from '../support/layouts.js';
import { expectStatus, runProgram, type Mpi } from '../support/program.js';

/** A line of a stack, of this package or of Node itself. */
const stack = /^\s+at .+(\.js|\.mjs|node:\S+):\d+:\d+\)?\s*$/m;

describe('mpi-futures without mpiexec', () => {
  testWrongCommandLines(null);
});

for (const mpi of ['openmpi', 'mpich'] as const) {
  describeOn(mpi, `mpi-futures under the mpiexec of ${mpi}`, () => {
    testWrongCommandLines(mpi);
  });
}

function testWrongCommandLines(mpi: Mpi | null): void {
  const launch = (...args: string[]) => runProgram({ mpi, ranks: 3, program: LAUNCHER, args });

  test('asks for a script, with its usage and without a stack', async () => {
    const result = await launch();
    expectStatus(result, 1);
    expect(result.stderr).toMatch(/Usage:\n.*mpi-futures FILE/i);
    expect(result.stderr).not.toMatch(stack);
  });

  test('names a script that does not exist, without a stack', async () => {
    const result = await launch('no/such/script.mjs');
    expectStatus(result, 1);
    expect(result.stderr).toMatch('no/such/script.mjs');
    expect(result.stderr).not.toMatch(stack);
  });

  test('refuses an unknown option by name, without a stack', async () => {
    const result = await launch('--such-option', programFile('one_task.mjs'));
    expectStatus(result, 1);
    expect(result.stderr).toMatch('--such-option');
    expect(result.stderr).not.toMatch(stack);
  });
}
