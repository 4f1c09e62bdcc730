import { describeOn, LAUNCHER, programFile } from '../support/layouts.js';
import { expectStatus, runProgram, type Mpi } from '../support/program.js';

/** A line of a stack, of this package or of Node itself. */
const stack = /^\s+at .+(\.js|\.mjs|node:\S+):\d+:\d+\)?\s*$/m;

describe.each<[string, Mpi | null]>([
  ['without mpiexec', null],
  ['openmpi', 'openmpi'],
  ['mpich', 'mpich'],
])('mpi-futures, %s', (_, mpi) => {
  const describeHere = mpi === null ? describe : describeOn.bind(undefined, mpi);
  const launch = (...args: string[]) => runProgram({ mpi, ranks: 3, program: LAUNCHER, args });

  describeHere('with a wrong command line', () => {
    test('without a script says so, with its usage, and no stack', async () => {
      const result = await launch();
      expectStatus(result, 1);
      expect(result.stderr).toMatch(/Usage:\n.*mpi-futures FILE/i);
      expect(result.stderr).not.toMatch(stack);
    });

    test('names a script that does not exist, and shows no stack', async () => {
      const result = await launch('no/such/script.mjs');
      expectStatus(result, 1);
      expect(result.stderr).toMatch('no/such/script.mjs');
      expect(result.stderr).not.toMatch(stack);
    });

    test('refuses an unknown option by name', async () => {
      const result = await launch('--such-option', programFile('one_task.mjs'));
      expectStatus(result, 1);
      expect(result.stderr).toMatch('--such-option');
      expect(result.stderr).not.toMatch(stack);
    });
  });
});
