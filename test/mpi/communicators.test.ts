import { testChecks } from '../support/checks.js';
import { describeOn, programFile } from '../support/layouts.js';
import { expectStatus, runProgram, type Mpi, type ProgramResult } from '../support/program.js';

const mpis: readonly Mpi[] = ['openmpi', 'mpich'];

/** Programs that all ranks run, started by mpiexec without our launcher; with some numbers of ranks on each MPI. */
const programs: readonly [program: string, ranks: Readonly<Record<Mpi, readonly number[]>>][] = [
  ['communicators.mjs', { openmpi: [3], mpich: [2] }],
  ['messages.mjs', { openmpi: [2], mpich: [1, 5] }],
  ['collectives.mjs', { openmpi: [1, 3], mpich: [2, 5] }],
  ['mpi_itself.mjs', { openmpi: [2], mpich: [3] }],
  ['spawning.mjs', { openmpi: [2], mpich: [] }],
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

describeOn('openmpi', 'processes that a program has spawned and merged with', () => {
  test.each([1, 2])('may be left without a word, by %i ranks', async (ranks) => {
    const program = programFile('merged_left.mjs');
    const result = await runProgram({ mpi: 'openmpi', ranks, program });
    expectStatus(result, 0);
    expect(result.stdout).toBe(`${ranks + 2} ${Math.ceil((ranks + 2) / 2)}\n`);
  });
});

for (const mpi of mpis) {
  for (const level of ['single', 'serialized']) {
    describeOn(mpi, `communicators at thread level ${level}: ${mpi}`, () => {
      testChecks('communicators.mjs', (options) => {
        const env = { MPI_FUTURES_THREAD_LEVEL: level };
        return runProgram({
          ...options,
          mpi,
          ranks: 3,
          program: programFile('communicators.mjs'),
          env,
        });
      });
    });
  }
}

for (const mpi of mpis) {
  describeOn(mpi, `a program whose ranks are all alike: ${mpi}`, () => {
    const ends = [
      'each in its own time',
      'while an operation is pending',
      'with a message on its way',
      'by an error that nobody catches',
      'by an error before MPI has started',
      'by process.exit(3)',
      'by process.exit(0) on all',
    ] as const;
    type End = (typeof ends)[number];
    // This one takes long, and does not depend on the MPI.
    const chosen = ends.filter((how) => mpi === 'openmpi' || how !== 'each in its own time');
    const runs = new Map<End, Promise<ProgramResult>>();

    beforeAll(async () => {
      for (const how of chosen) {
        const program = programFile('peers_end.mjs');
        runs.set(how, runProgram({ mpi, ranks: 3, program, args: [how] }));
      }
      await Promise.allSettled(runs.values());
    });

    if (chosen.includes('each in its own time')) {
      test('they end each in its own time, however long that is', async () => {
        const result = await runs.get('each in its own time')!;
        expectStatus(result, 0);
        expect(result.stdout.match(/is done/g)).toHaveLength(3);
      });
    }

    test('if one ends while the others wait for it in an operation, all end with 1', async () => {
      const result = await runs.get('while an operation is pending')!;
      expectStatus(result, 1);
      expect(result.stderr).toMatch('has ended while operations that it had begun were pending');
    });

    test('a message on its way arrives, and a rank that never used MPI holds up nobody', async () => {
      const result = await runs.get('with a message on its way')!;
      expectStatus(result, 0);
      expect(result.stdout).toMatch('last words');
    });

    test.each(['by an error that nobody catches', 'by an error before MPI has started'] as const)(
      '%s: all end with 1, and it is printed',
      async (how) => {
        const result = await runs.get(how)!;
        expectStatus(result, 1);
        expect(result.stderr).toMatch('Error: this rank fails');
      },
    );

    test('process.exit keeps its status', async () => {
      expectStatus(await runs.get('by process.exit(3)')!, 3);
      expectStatus(await runs.get('by process.exit(0) on all')!, 0);
    });
  });
}
