/** Several copies of the package in one process. */

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { packageVersion } from '../../lib/package_files.js';
import { describeOn, LAUNCHER } from '../support/layouts.js';
import { expectStatus, runProgram, type Mpi, type ProgramOptions } from '../support/program.js';

const dependency = `
  import { PoolExecutor } from 'mpi-futures';
  export const add = (a, b) => a + b;
  export async function sums(n) {
    const pool = new PoolExecutor({ maxWorkers: 1 });
    const futures = Array.from({ length: n }, (_, i) => pool.submit(add, i, 1));
    const results = await Promise.all(futures);
    await pool.shutdown();
    return [results, futures[0], pool];
  }`;

const program = `
  import { Future, PoolExecutor, TimeoutError, isMain, wait } from 'mpi-futures';
  import { COMM_SELF } from 'mpi-futures/mpi';
  import { add, sums } from 'dependency';
  const k = 3;
  const fail = () => { throw new TimeoutError('late'); };
  if (isMain) {
    const pool = new PoolExecutor({ maxWorkers: 1 });
    const [results, future, other] = await sums(3);
    const first = await pool.submit((x) => x * k, 2);
    const { done } = await wait([pool.submit(add, 1, 2), future]);
    const error = await pool.submit(fail).exception();
    const same = [future instanceof Future, other instanceof PoolExecutor, error instanceof TimeoutError];
    console.log(JSON.stringify([first, results, done.size, same, await COMM_SELF.allreduce(5)]));
    await pool.shutdown();
  }`;
const said = '[6,[1,2,3],2,[true,true,true],5]\n';

let folder: string;
const at = (...names: string[]): string => path.join(folder, ...names);

/** The package as it is installed. */
function install(directory: string, version = packageVersion()): void {
  mkdirSync(directory, { recursive: true });
  cpSync(path.join(root, 'dist'), path.join(directory, 'dist'), { recursive: true });
  symlinkSync(path.join(root, 'build'), path.join(directory, 'build'));
  const manifest = { name: 'mpi-futures', version, type: 'module', ...exported };
  writeFileSync(path.join(directory, 'package.json'), JSON.stringify(manifest));
}

const exported = {
  bin: { 'mpi-futures': 'dist/cli/main.js' },
  exports: {
    '.': './dist/entry/index.js',
    './mpi': './dist/entry/mpi.js',
    './run': './dist/cli/run.js',
    './package.json': './package.json',
  },
};

function writeDependency(app: string): void {
  const directory = at(app, 'node_modules/dependency');
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, 'package.json'), '{ "type": "module", "exports": "./index.js" }'); // prettier-ignore
  writeFileSync(path.join(directory, 'index.js'), dependency);
  writeFileSync(at(app, 'app.mjs'), program);
}

beforeAll(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'mpi-futures-')));
  for (const [app, version] of [['same'], ['other', '0.0.1']] as const) {
    writeDependency(app);
    install(at(app, 'node_modules/mpi-futures'));
    install(at(app, 'node_modules/dependency/node_modules/mpi-futures'), version);
    for (const name of ['acorn', 'modern-tar', 'yauzl'])
      symlinkSync(path.join(root, 'node_modules', name), at(app, 'node_modules', name));
  }
  writeFileSync(at('same/package.json'), '{ "type": "module" }');
  cpSync(at('same/app.mjs'), at('same/archived/index.mjs'));
  execFileSync('tar', ['czf', 'app.tgz', '-C', 'archived', '.'], { cwd: at('same') });
  const bundler = path.join(root, 'node_modules/rolldown/bin/cli.mjs');
  const args = [bundler, 'app.mjs', '--dir', 'bundle', '--platform', 'node'];
  execFileSync(process.execPath, args, { cwd: at('same'), stdio: 'pipe' });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe.each(['openmpi', 'mpich'] as const)('two copies of one version', (mpi: Mpi) => {
  describeOn(mpi, `under the launcher: ${mpi}`, () => {
    const launched = async (launcher: string, file: string): Promise<void> => {
      const options: ProgramOptions = { mpi, ranks: 3, program: launcher, args: [file] };
      const result = await runProgram(options);
      expectStatus(result, 0);
      expect(result.stdout).toBe(said);
    };

    test('a dependency has its own', () =>
      launched(at('same/node_modules/mpi-futures/dist/cli/main.js'), at('same/app.mjs')));
    test('the command is that of another one', () => launched(LAUNCHER, at('same/app.mjs')));
    test('the program has it in a bundle', () => launched(LAUNCHER, at('same/bundle/app.js')));

    test.each([
      ['a module', ['-m', './app.mjs']],
      ['a text', ['-c', program]],
      ['an archive', ['app.tgz']],
    ])('the command is that of another one, and the program is %s', async (_, args) => {
      const result = await runProgram({ mpi, ranks: 3, program: LAUNCHER, args, cwd: at('same') }); // prettier-ignore
      expectStatus(result, 0);
      expect(result.stdout).toBe(said);
    });

    test('mpi-futures/run is that of another one', async () => {
      const result = await runProgram({
        mpi,
        ranks: 3,
        nodeArgs: ['--import', path.join(root, 'dist/cli/run.js')],
        program: at('same/app.mjs'),
      });
      expectStatus(result, 0);
      expect(result.stdout).toBe(said);
    });

    test('another version is refused, and both are named', async () => {
      const result = await runProgram({ mpi, ranks: 3, program: LAUNCHER, args: [at('other/app.mjs')] }); // prettier-ignore
      expectStatus(result, 1);
      expect(result.stderr).toMatch('ERR_MPI_TWO_VERSIONS');
      const inUse = `${packageVersion()} of ${at('other/node_modules/mpi-futures')}`;
      const refused = `0.0.1 of ${at('other/node_modules/dependency/node_modules/mpi-futures')}`;
      expect(result.stderr).toMatch(inUse);
      expect(result.stderr).toMatch(refused);
    });
  });
});

describeOn('openmpi', 'two copies of one version, with workers that are spawned', () => {
  test.each(['app.mjs', 'bundle/app.js'])('%s', async (file) => {
    const result = await runProgram({ mpi: 'openmpi', ranks: 1, program: at('same', file) });
    expectStatus(result, 0);
    expect(result.stdout).toBe(said);
  });
});
