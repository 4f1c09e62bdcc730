import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { majorOfOpenMpi } from '../../scripts/mpi_environment.mjs';
import { addonFile, root } from '../../scripts/paths.mjs';
import { describeOn, describeOnEachMpi, LAUNCHER, programFile } from '../support/layouts.js';
import { expectStatus, runProgram } from '../support/program.js';

const program = programFile('one_task.mjs');
const manifest = readFileSync(path.join(root, 'package.json'), 'utf8');
const { version } = JSON.parse(manifest) as { version: string };
const folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-old-'));
afterAll(() => rmSync(folder, { recursive: true }));

describeOnEachMpi('settings that cannot be', ({ run, mpi }) => {
  test('MPI_FUTURES_MPI with a name that is none is refused with those that are', async () => {
    const env = { MPI_FUTURES_ADDON: undefined, MPI_FUTURES_MPI: 'nonsense' };
    const result = await run(program, { env });
    expectStatus(result, 1);
    expect(result.stderr).toMatch(/openmpi or mpich.*MPI_FUTURES_MPI.*nonsense/);
  });

  test('MPI_FUTURES_ADDON that leads nowhere is named', async () => {
    const result = await run(program, { env: { MPI_FUTURES_ADDON: '/nowhere/mpi.node' } });
    expectStatus(result, 1);
    expect(result.stderr).toMatch('/nowhere/mpi.node');
  });

  // The second one is of a release that did not report its version.
  test.each([
    ["version: '0.0.1',", 'version 0.0.1'],
    ['', 'an older version'],
  ])(
    'MPI_FUTURES_ADDON that is of another release (%s) is refused by its version',
    async (says, words) => {
      const file = path.join(folder, 'old.cjs');
      writeFileSync(file, `module.exports = { abi: '${mpi}', ${says} libraryVersion: () => '' };`);
      const result = await run(program, { env: { MPI_FUTURES_ADDON: file } });
      expectStatus(result, 1);
      const sentence =
        `The addon ${file} cannot be loaded: it is of ${words} of this package, which is of version ${version} here. ` +
        'Name another one, unset MPI_FUTURES_ADDON, or build it again: npx mpi-futures build';
      expect(result.stderr.split(sentence)).toHaveLength(2);
    },
  );
});

const mismatch = /MPIUnavailableError[^]*'ERR_MPI_LAUNCHER_MISMATCH'/;

for (const [launcher, chosen] of [
  ['openmpi', 'mpich'],
  ['mpich', 'openmpi'],
] as const) {
  describeOn(launcher, `under the mpiexec of ${launcher} with MPI_FUTURES_MPI=${chosen}`, () => {
    const env = { MPI_FUTURES_MPI: chosen };

    test('the launcher refuses to run and says what to change', async () => {
      const args = [program];
      const result = await runProgram({ mpi: launcher, ranks: 2, program: LAUNCHER, args, env });
      expectStatus(result, 1);
      expect(result.stderr).toMatch(`MPI_FUTURES_MPI=${launcher}`);
      expect(result.stdout).not.toMatch('answer');
    });

    test('the launcher and a program refuse the addon of the other in one sentence', async () => {
      const named = { MPI_FUTURES_ADDON: addonFile(chosen) };
      const names = { openmpi: 'Open MPI', mpich: 'MPICH' };
      const sentence =
        `${names[chosen]} cannot be used in a process started by the mpiexec of ${names[launcher]}. ` +
        `Use the mpiexec of ${names[chosen]}, or unset MPI_FUTURES_ADDON.`;
      for (const run of [
        { ranks: 2, program: LAUNCHER, args: [program] },
        { ranks: 1, program },
      ]) {
        const result = await runProgram({ ...run, mpi: launcher, env: named });
        expectStatus(result, 1);
        expect(result.stderr.split(sentence)).toHaveLength(2);
        expect(result.stderr).not.toMatch('Unobserved');
        // On the command line the user sees only the sentence.
        if (run.ranks === 1) expect(result.stderr).toMatch(mismatch);
      }
    });

    // Its mpiexec ends the others, which would wait for it in MPI_Init for ever.
    test.each([0, 1])('rank %i alone loads that MPI: the job ends, and says why', async (rank) => {
      const choose =
        'test "${OMPI_COMM_WORLD_RANK-$PMI_RANK}" = "$OTHER" && MPI_FUTURES_ADDON=$ADDON';
      const result = await runProgram({
        mpi: launcher,
        ranks: 3,
        mpiexecArgs: ['sh', '-c', `${choose}; export MPI_FUTURES_ADDON; exec "$0" "$@"`],
        program: LAUNCHER,
        args: [program],
        env: {
          OTHER: String(rank),
          ADDON: addonFile(chosen),
          MPI_FUTURES_ADDON: addonFile(launcher),
        },
      });
      expectStatus(result, 1);
      expect(result.stderr.split('cannot be used in a process started by')).toHaveLength(2);
      expect(result.stdout).not.toMatch('answer');
    });

    test('a program refuses to spawn and says what to change', async () => {
      const result = await runProgram({ mpi: launcher, ranks: 1, program, env });
      expectStatus(result, 1);
      expect(result.stderr).toMatch(`MPI_FUTURES_MPI=${launcher}`);
      expect(result.stderr).toMatch(mismatch);
    });
  });
}

describe.each(['openmpi', 'mpich'] as const)('two programs of one rank', (mpi) => {
  describeOn(mpi, `under the mpiexec of ${mpi}`, () => {
    const scripts = {
      'one after the other': '"$0" "$@"; exec "$0" "$@"',
      'at the same time': '"$0" "$@" & "$0" "$@"; status=$?; wait $! && exit $status',
    };
    const run = (script: string) =>
      runProgram({
        mpi,
        ranks: 2,
        mpiexecArgs: ['sh', '-c', script],
        program: LAUNCHER,
        args: [program],
      });
    const servesTheNext = mpi === 'openmpi' && majorOfOpenMpi() >= 5;

    test.each(Object.entries(scripts).slice(servesTheNext ? 1 : 0))(
      '%s: the second one is told what to do',
      async (_, script) => {
        const result = await run(script);
        expect(result.status).not.toBe(0);
        expect(result.stderr).toMatch('MPI was started by another process of rank');
        expect(result.stderr).not.toMatch('MPI_Init');
      },
    );

    if (!servesTheNext) return;
    test('one after the other: Open MPI 5 and later serve both', async () => {
      const result = await run(scripts['one after the other']);
      expectStatus(result, 0);
      expect(result.stdout.match(/answer/g)).toHaveLength(2);
    });
  });
});
