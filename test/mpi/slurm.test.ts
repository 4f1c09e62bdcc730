/** examples/slurm/julia.sbatch as docs/guide/clusters.md has it, with stubs for sbatch and srun; the ranks are real. */

import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findMpiexec } from '../../scripts/mpi_environment.mjs';
import { root } from '../../scripts/paths.mjs';
import { describeOn } from '../support/layouts.js';
import { expectStatus, runProgram } from '../support/program.js';

const folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-slurm-'));
const app = path.join(folder, 'app');
const stubs = path.join(root, 'test/support/slurm');

beforeAll(() => {
  mkdirSync(path.join(app, 'node_modules'), { recursive: true });
  symlinkSync(root, path.join(app, 'node_modules/mpi-futures'));
  writeFileSync(path.join(app, 'package.json'), '{ "type": "module" }');
  writeFileSync(
    path.join(app, 'app.js'),
    `import { PoolExecutor, isMain } from 'mpi-futures';
    if (isMain) {
      const pool = new PoolExecutor();
      const result = await pool.submit((x) => x * 2, 21);
      console.log(result, pool.numWorkers, process.argv.slice(2).join());
    }`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

for (const [mpi, plugin] of [
  ['openmpi', []],
  ['mpich', ['--export=ALL,MPI=pmi2']],
] as const) {
  describeOn(mpi, `examples/slurm/julia.sbatch with ${mpi}`, () => {
    const submit = (cwd: string, script: string, args: readonly string[] = []) =>
      runProgram({
        // The shell passes the rest, which is node and its program, to the command.
        within: [
          'sh',
          '-c',
          ['exec sbatch --ntasks=3', ...plugin, script, ...args].join(' '),
          'sh',
        ],
        program: '',
        cwd,
        env: {
          PATH: `${stubs}:${path.dirname(process.execPath)}:${process.env.PATH ?? ''}`,
          STUB_OPENMPI_MPIEXEC: findMpiexec('openmpi'),
          STUB_MPICH_MPIEXEC: findMpiexec('mpich'),
        },
        deadline: 300_000,
      });

    test.each([
      ['an app', app, 'node_modules/mpi-futures/examples/slurm/julia.sbatch'],
      ['a clone', root, 'examples/slurm/julia.sbatch'],
    ])('runs the program that it is given, from %s', async (_, cwd, script) => {
      const program = path.relative(cwd, path.join(app, 'app.js'));
      const result = await submit(cwd, script, [program, 'a', 'b']);
      expectStatus(result, 0);
      expect(result.stdout).toMatch(/^Node\.js v\S+ on \S+, 3 tasks$/m);
      expect(result.stdout).toMatch(/^42 2 a,b\r?$/m);
    });

    test('runs the example where it is given none', async () => {
      const script = 'node_modules/mpi-futures/examples/slurm/julia.sbatch';
      const result = await submit(app, script);
      expectStatus(result, 0);
      expect(result.stdout).toMatch(/^julia\.pgm: .* by 2 workers/m);
      expect(existsSync(path.join(app, 'julia.pgm'))).toBe(true);
    });
  });
}
