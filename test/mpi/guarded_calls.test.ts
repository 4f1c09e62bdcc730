import { expectChecks } from '../support/checks.js';
import { describeOn, describeOnEachMpi, programFile } from '../support/layouts.js';
import { nativeCompiler } from '../support/compiled.js';
import { expectStatus, runProgram, type Mpi } from '../support/program.js';
import { describeUnless, unlessLinux } from '../support/unless.js';

// LD_PRELOAD, and telling calls of the addon from those inside the library, work on Linux.
const describeHere = describeUnless(unlessLinux);

describeHere('every MPI call of the addon comes when and where the thread level allows it', () => {
  const compile = nativeCompiler();
  const compileGuard = (mpi: Mpi) => compile('guard.c', mpi);

  describeOnEachMpi('guarded', ({ run, mpi }) => {
    let guard: string;
    beforeAll(() => {
      guard = compileGuard(mpi!);
    });

    test.each(['funneled', 'serialized'])('%s', async (level) => {
      const env = { MPI_FUTURES_THREAD_LEVEL: level, LD_PRELOAD: guard };
      const result = await run('bulk.mjs', { env });
      expect(result.stderr).not.toMatch('guard:');
      expectChecks(result.stdout, 'bulk.mjs');
      expectStatus(result, 0);
    });
  });

  // Each level and each MPI occurs once.
  for (const [mpi, level] of [
    ['openmpi', 'serialized'],
    ['mpich', 'funneled'],
  ] as const) {
    describeOn(mpi, `guarded communicators: ${mpi}`, () => {
      test(level, async () => {
        const env = { MPI_FUTURES_THREAD_LEVEL: level, LD_PRELOAD: compileGuard(mpi) };
        const program = programFile('all_of_communicators.mjs');
        const result = await runProgram({ mpi, ranks: 3, program, env });
        expect(result.stderr).not.toMatch('guard:');
        expectChecks(result.stdout, 'communicators.mjs', 'messages.mjs', 'collectives.mjs');
        expectStatus(result, 0);
      });
    });
  }
});
