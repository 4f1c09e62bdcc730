import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findMpicc } from '../../scripts/mpi_compiler.mjs';
import { root } from '../../scripts/paths.mjs';
import { capture } from '../../scripts/programs.mjs';
import { describeOn, describeOnEachMpi, programFile } from '../support/layouts.js';
import { expectStatus, runProgram, type Mpi } from '../support/program.js';

// LD_PRELOAD, and calls that can be told from those inside of the library, are Linux's.
const describeHere = process.platform === 'linux' ? describe : describe.skip;

describeHere('every MPI call of the addon comes when and where the thread level allows it', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-guard-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function compileGuard(mpi: Mpi): string {
    const file = path.join(folder, `${mpi}.so`);
    const source = path.join(root, 'test/native/guard.c');
    const mpicc = findMpicc(mpi) ?? 'mpicc';
    const { ok, output } = capture(mpicc, ['-shared', '-fPIC', '-O1', '-o', file, source, '-ldl']);
    if (!ok) throw new Error(output);
    return file;
  }

  describeOnEachMpi('guarded', ({ run, mpi }) => {
    let guard: string;
    beforeAll(() => {
      guard = compileGuard(mpi!);
    });

    test.each(['funneled', 'serialized'])('%s', async (level) => {
      const env = { MPI_FUTURES_THREAD_LEVEL: level, LD_PRELOAD: guard };
      const result = await run('bulk.mjs', { env });
      expect(result.stderr).not.toMatch('guard:');
      expect(result.stdout).not.toMatch('failure');
      expectStatus(result, 0);
    });
  });

  // Both levels, and both MPIs, once.
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
        expect(result.stdout).not.toMatch('failure');
        expectStatus(result, 0);
      });
    });
  }
});
