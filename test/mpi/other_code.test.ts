import path from 'node:path';
import { nativeCompiler } from '../support/compiled.js';
import { describeOn, LAUNCHER, programFile } from '../support/layouts.js';
import { expectStatus, runProgram, type Mpi } from '../support/program.js';
import { describeUnless, unlessLinux } from '../support/unless.js';

const mpis: readonly Mpi[] = ['openmpi', 'mpich'];
/** By their number, which is the same in both MPIs. */
const levels = ['SINGLE', 'FUNNELED', 'SERIALIZED', 'MULTIPLE'];

// Preloading libraries, and building addons without the headers of Node.js, works on Linux.
describeUnless(unlessLinux)('other code of the process', () => {
  const compile = nativeCompiler();

  for (const mpi of mpis) {
    describeOn(mpi, `that has initialised MPI: ${mpi}`, () => {
      const run = async (env: Record<string, string>) => {
        const args = [compile('other_library.c', mpi)];
        const program = programFile('other_library.mjs');
        const result = await runProgram({ mpi, ranks: 2, program, args, env });
        expectStatus(result, 0);
        // Only the code that has initialised MPI finalizes it.
        expect(result.stderr.match(/other library: has finalized/g)).toHaveLength(2);
        return result.stdout;
      };

      test.each(levels.slice(0, 2))(
        'at MPI_THREAD_%s: it is told to ask for more',
        async (name) => {
          const said = await run({ OTHER_LIBRARY_LEVEL: String(levels.indexOf(name)) });
          expect(said).toMatch(
            `MPIUnavailableError ERR_MPI_STARTED_ELSEWHERE MPI was initialised by other code of this process, at MPI_THREAD_${name}`,
          );
          expect(said).toMatch('ask for MPI_THREAD_MULTIPLE');
          expect(said).toMatch(/a pool says .*ERR_MPI_STARTED_ELSEWHERE/);
          expect(said).not.toMatch('level');
        },
      );

      test.each(levels.slice(2))('at MPI_THREAD_%s: MPI is used together', async (name) => {
        const said = await run({ OTHER_LIBRARY_LEVEL: String(levels.indexOf(name)) });
        expect(said.match(/sum 2/g)).toHaveLength(2);
        expect(said).toMatch(`level ${levels.indexOf(name)}`);
      });

      test('and has finalized it: there is no MPI', async () => {
        const said = await run({ OTHER_LIBRARY_FINALIZES: '1' });
        expect(said).toMatch('ERR_MPI_STARTED_ELSEWHERE MPI was finalized by other code');
      });
    });
  }

  for (const mpi of mpis) {
    test(`which reads and changes process.env while MPI sets variables: ${mpi}`, async () => {
      const result = await runProgram({
        mpi,
        ranks: 1,
        program: programFile('environment.mjs'),
        args: [path.dirname(compile('growing_environment.c', mpi))],
        env: { LD_PRELOAD: compile('growing_environment.c', mpi) },
      });
      expectStatus(result, 0);
      expect(result.stdout).toMatch(/^read meanwhile$/m);
    });
  }

  // Covers the cases in which ranks end without MPI_Finalize: MPICH over UCX, and ranks as if on several hosts.
  describeOn('mpich', 'that does its work in MPI_Finalize', () => {
    const reports = async (env: Record<string, string>) => {
      const result = await runProgram({
        mpi: 'mpich',
        ranks: 3,
        program: LAUNCHER,
        args: [programFile('one_task.mjs')],
        env: {
          MPI_FUTURES_SHARED_MEMORY: '0',
          LD_PRELOAD: compile('finalize_tool.c', 'mpich'),
          ...env,
        },
      });
      expectStatus(result, 0);
      return result.stderr.match(/finalize tool: report/g)?.length ?? 0;
    };

    test.each([
      ['is served with MPI_FUTURES_RESIGN=0', { MPI_FUTURES_RESIGN: '0' }],
      ['is served where MPICH speaks PMI-2', { MPIR_CVAR_PMI_VERSION: '2' }],
      ['and under the old name of that variable', { MPICH_PMI_VERSION: '2' }],
    ])('%s', async (_, env) => {
      expect(await reports(env as Record<string, string>)).toBe(3);
    });
  });
});
