import { testChecks } from '../support/checks.js';
import { availableMpis, describeOn, programFile } from '../support/layouts.js';
import { expectStatus, runProgram, type Mpi, type ProgramResult } from '../support/program.js';

const mpis: readonly Mpi[] = ['openmpi', 'mpich'];

/** Programs that all ranks run, started by mpiexec without our launcher; some numbers of ranks on each MPI. */
const programs: readonly [program: string, ranks: Readonly<Record<Mpi, readonly number[]>>][] = [
  ['communicators.mjs', { openmpi: [1, 3], mpich: [2, 5] }],
  ['messages.mjs', { openmpi: [1, 3], mpich: [1, 2, 5] }],
  ['collectives.mjs', { openmpi: [1, 2, 3], mpich: [1, 2, 3, 5] }],
];

for (const [program, ranksOn] of programs) {
  for (const mpi of mpis) {
    for (const ranks of ranksOn[mpi]) {
      describeOn(mpi, `${program} on ${ranks} ranks: ${mpi}`, () => {
        testChecks(program, (options) =>
          runProgram({ ...options, mpi, ranks, program: programFile(program) }),
        );
      });
    }
  }
}

describe('a program whose ranks are all alike ends', () => {
  const runs = new Map<string, Promise<ProgramResult>>();
  const end = (mpi: Mpi, how: string): Promise<ProgramResult> =>
    runProgram({ mpi, ranks: 3, program: programFile('peers_end.mjs'), args: [how] });

  // These wait most of the time.
  const long = ['each in its own time', 'while an operation is pending'];
  beforeAll(async () => {
    for (const mpi of availableMpis()) {
      for (const how of long) runs.set(`${mpi} ${how}`, end(mpi, how));
    }
    await Promise.allSettled(runs.values());
  }, 60_000);

  for (const mpi of mpis) {
    describeOn(mpi, mpi, () => {
      test('each in its own time, however long that is', async () => {
        const result = await runs.get(`${mpi} each in its own time`)!;
        expectStatus(result, 0);
        expect(result.stdout.match(/is done/g)).toHaveLength(3);
      });

      test('with 1 if one ends while the others wait for it in an operation', async () => {
        const result = await runs.get(`${mpi} while an operation is pending`)!;
        expectStatus(result, 1);
        expect(result.stderr).toMatch('ended before operations that it had begun');
      });

      test('with a message on its way, and with a rank that never used MPI', async () => {
        const result = await end(mpi, 'with a message on its way');
        expectStatus(result, 0);
        expect(result.stdout).toMatch('last words');
      });

      test.each(['by an error that nobody catches', 'by an error before MPI has started'])(
        '%s: all end with 1, and it is printed',
        async (how) => {
          const result = await end(mpi, how);
          expectStatus(result, 1);
          expect(result.stderr).toMatch('Error: this rank fails');
        },
      );

      test('by process.exit with its status', async () => {
        expectStatus(await end(mpi, 'by process.exit(3)'), 3);
        expectStatus(await end(mpi, 'by process.exit(0) on all'), 0);
      });
    });
  }
});
