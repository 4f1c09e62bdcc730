import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { testChecks } from '../support/checks.js';
import { commonJs, esModule, writePrograms, type Printed } from '../support/launched_programs.js';
import { describeOn, LAUNCHER, programFile } from '../support/layouts.js';
import {
  expectStatus,
  runProgram,
  stderrOf,
  type Mpi,
  type ProgramOptions,
} from '../support/program.js';

const [major = 0] = process.versions.node.split('.').map(Number);
const runsTypeScript = Boolean((process.features as { typescript?: unknown }).typescript);

/** A line of a stack, of this package or of Node itself. */
const stack = /^\s+at .+(\.js|\.mjs|node:\S+):\d+:\d+\)?\s*$/m;

const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  version: string;
};

let folder: string;
/** Where archives are unpacked. */
let temporary: string;
beforeAll(() => {
  folder = writePrograms('launcher');
  temporary = mkdtempSync(path.join(tmpdir(), 'mpi-'));
});
afterAll(() => rmSync(temporary, { recursive: true }));

describe('mpi-futures without mpiexec', () => {
  testWrongCommandLines(null);
});

for (const mpi of ['openmpi', 'mpich'] as const) {
  const run = (args: readonly string[], options: Partial<ProgramOptions> = {}) =>
    runProgram({ mpi, ranks: 2, program: LAUNCHER, cwd: folder, args, ...options });

  describeOn(mpi, `mpi-futures under the mpiexec of ${mpi}`, () => {
    testWrongCommandLines(mpi);

    async function printedBy(
      args: readonly string[],
      options: Partial<ProgramOptions> = {},
    ): Promise<Printed> {
      const result = await run(args, { env: { TMPDIR: temporary }, ...options });
      expectStatus(result, 0);
      const printed = JSON.parse(result.stdout) as Printed;
      expect(printed).toMatchObject({ result: 42, execArgv: options.nodeArgs ?? [] });
      expect(stderrOf(result)).toBe('');
      return printed;
    }

    const hasMain = major >= 24 ? true : null;

    // One rank starts quickly. All other tests show that workers find the functions of a file.
    test.each([
      ['app.js', 'app.js', hasMain, 2],
      ['app.cjs', 'app.cjs', true, 2],
      ['app', 'app', hasMain, 1],
      ['app.mjs', 'app.mjs', hasMain, 1],
      ['with_main', 'with_main', hasMain, 2],
      ['with_index', 'with_index', hasMain, 1],
      ['with_other_index', 'with_other_index/index.cjs', true, 1],
      // mpi4py: directories, zip files
    ])('runs %s as the main module, as plain Node.js does', async (name, file, isMain, ranks) => {
      const nodeArgs = ['--stack-size=900'];
      const printed = await printedBy([name, 'a', '--b'], { nodeArgs, ranks });
      expect(printed).toMatchObject({ argv: [path.join(folder, file), 'a', '--b'], isMain });
    });

    // mpi4py: directories, zip files
    // test_futures.py: mpi4py.run: directories, zip files
    test.each(['app.zip', 'app.tgz'])('runs the program in %s', async (name) => {
      const { argv, isMain } = await printedBy([name, 'a'], { ranks: name === 'app.zip' ? 5 : 2 });
      expect(argv[0]?.startsWith(temporary)).toBe(true);
      expect({ isMain, args: argv.slice(1) }).toEqual({ isMain: hasMain, args: ['a'] });
    });

    test.each([
      ['packaged', 'node_modules/packaged/lib/main.mjs', hasMain],
      ['packaged/old', 'node_modules/packaged/lib/old.cjs', true],
      ['./app', 'app.js', hasMain],
      ['with_main/lib/main.mjs', 'with_main/lib/main.mjs', hasMain],
      // mpi4py: `-m`, `-c`, `-`, `-h`
      // test_futures.py: mpi4py.run: -h, -m, -c, -
    ])('runs the module that -m %s means', async (name, file, isMain) => {
      const printed = await printedBy(['-m', name, 'a'], { ranks: name === 'packaged' ? 2 : 1 });
      expect(printed).toMatchObject({ argv: [path.join(folder, file), 'a'], isMain });
    });

    test.each([
      ['an ES module', esModule, hasMain],
      ['CommonJS', commonJs, false],
      // mpi4py: `-m`, `-c`, `-`, `-h`
    ])('runs the text of %s, as node -e and node - do', async (_, text, isMain) => {
      expect(await printedBy(['-c', text, 'a', '-b'])).toMatchObject({ argv: ['a', '-b'], isMain });
      const fromInput = await printedBy(['-', 'a', '-b'], { stdin: text, ranks: 1 });
      expect(fromInput).toMatchObject({ argv: ['-', 'a', '-b'], isMain });
    });

    test('runs TypeScript where Node.js does, and says what to do where not', async () => {
      if (runsTypeScript) {
        await printedBy(['app.ts']);
        return;
      }
      const result = await run(['app.ts']);
      expectStatus(result, 1);
      expect(result.stderr).toMatch(/does not run TypeScript.*app\.ts.*Node\.js 22\.18/);
      expect(result.stderr).not.toMatch(stack);
    });

    test('is a preload for a file and for a text', async () => {
      const preload = ['--import', 'mpi-futures/run'];
      const ofFile = await run([], { nodeArgs: preload, program: 'app.js' });
      const ofText = await run([], { nodeArgs: [...preload, '-e'], program: commonJs });
      for (const result of [ofFile, ofText]) {
        expectStatus(result, 0);
        expect(JSON.parse(result.stdout)).toMatchObject({ result: 42, workers: 1 });
      }
    });

    // The same as with the preload in NODE_OPTIONS.
    test('is the same with its own preload', async () => {
      await printedBy(['app.js'], { nodeArgs: ['--import', 'mpi-futures/run'] });
    });

    test('runs a program on 17 ranks', async () => {
      expect((await printedBy(['app.js'], { ranks: 17 })).workers).toBe(16);
    });

    // mpi4py: `-m`, `-c`, `-`, `-h`
    test('shows its usage, once', async () => {
      const result = await run(['--help']);
      expectStatus(result, 0);
      expect(result.stdout).toMatch(/^Usage:\s+mpiexec -n N mpi-futures(?!.*^Usage)/ms);
      expect(stderrOf(result)).toBe('');
    });

    test('says which version it is', async () => {
      const result = await run(['--version']);
      expectStatus(result, 0);
      expect(result.stdout.trim()).toBe(version);
    });

    // mpi4py: a script that ends with tasks queued loses them
    test('does all queued work when the program simply ends', async () => {
      const text = `
        const { PoolExecutor } = require('mpi-futures');
        const pools = [new PoolExecutor(), new PoolExecutor()];
        for (let i = 0; i < 1000; i++) pools[i % 2].submit((x) => x + 1, i);
        process.on('exit', () => console.log(pools.map((pool) => pool.stats().done)));`;
      for (const ranks of [1, 3]) {
        const result = await run(['-c', text], { ranks });
        expectStatus(result, 0);
        expect(result.stdout.trim()).toBe('[ 500, 500 ]');
      }
    });

    test.each([
      ['a mistake in the text', 'const = 1;', 'SyntaxError'],
      ['an error at once', 'throw new RangeError("at once")', 'RangeError: at once'],
      // mpi4py: unhandled exception: status 1
    ])('shows %s once and ends with status 1', async (_, text, words) => {
      const result = await run(['-c', text]);
      expectStatus(result, 1);
      expect(result.stderr.match(/\[eval\]:1/g)?.length).toBeGreaterThan(0);
      expect(result.stderr.match(new RegExp(`^${words}`, 'gm'))).toHaveLength(1);
    });

    test('refuses an archive that it cannot unpack, once for all ranks', async () => {
      const result = await run(['broken.zip'], { ranks: 3 });
      expectUsageError(result);
      expect(result.stderr).toMatch(/Cannot unpack .*broken\.zip/);
    });

    // The others have started MPI by then: MPICH's mpiexec does not notice a rank 0 that just ends.
    test('refuses an archive that cannot be written, on all ranks alike', async () => {
      const result = await run(['clash.zip'], { ranks: 3, env: { TMPDIR: temporary } });
      expectUsageError(result);
      expect(result.stderr).toMatch(/Cannot unpack .*clash\.zip in /);
    });

    test('says nothing of a directory that is called like an archive', async () => {
      const result = await run(['folder.zip']);
      expectStatus(result, 0);
      expect(result.stdout).toBe('a directory\n');
      expect(stderrOf(result)).toBe('');
    });

    test('refuses standard input that is in a file on another host', async () => {
      const result = await run(['-'], { env: { MPI_FUTURES_INPUT: '/no/such/file' } });
      expectUsageError(result);
      expect(result.stderr).toMatch('/no/such/file');
    });

    test('says once what is wrong with the settings', async () => {
      const result = await run(['app.js'], { ranks: 5, env: { MPI_FUTURES_ADDON: '/no/addon' } });
      expectStatus(result, 1);
      expect(result.stderr.match(/for MPI_FUTURES_ADDON but received/g)).toHaveLength(1);
    });

    test('says why a program does not go on that was meant for all ranks', async () => {
      const text = `import { COMM_WORLD, abort } from 'mpi-futures/mpi';
        process.on('warning', ({ code, message }) => { console.log(code, message); abort(7); });
        await COMM_WORLD.barrier();`;
      const result = await run(['-c', text]);
      expectStatus(result, 7);
      expect(result.stdout).toMatch(
        /MPI_FUTURES_RANKS_SERVE COMM_WORLD.barrier\(\) waits .*mpiexec -n N node/,
      );
    });

    // test_futures.py: mpi4py.run: -h, -m, -c, -
    test('says that standard input was empty, which is no error', async () => {
      const result = await run(['-'], { ranks: 1 });
      expectStatus(result, 0);
      expect(result.stderr).toBe('mpi-futures: there was no program to run on standard input\n');
    });

    describe('executors that share workers', () => {
      testChecks('shared_workers.mjs', (options) =>
        run([programFile('shared_workers.mjs')], { ranks: 3, ...options }),
      );
    });
  });
}

function expectUsageError(result: Awaited<ReturnType<typeof runProgram>>): void {
  expectStatus(result, 1);
  expect(result.stderr.match(/^mpi-futures: /gm)).toHaveLength(1);
  expect(result.stderr).not.toMatch(/^Usage:/m);
  expect(result.stderr).not.toMatch(stack);
  expect(result.stderr).not.toMatch(/MPI_ABORT|MPI_Abort/);
  expect(result.stdout).toBe('');
}

function testWrongCommandLines(mpi: Mpi | null): void {
  const launch = (...args: string[]) => runProgram({ mpi, ranks: 3, program: LAUNCHER, args });

  // mpi4py: only rank 0 runs the program; usage errors end with 1
  // test_futures.py: mpi4py.run: wrong arguments
  test('asks for a script, says where the help is, and has no stack', async () => {
    const result = await launch();
    expectUsageError(result);
    expect(result.stderr).toMatch(/Expected a program to run\nSee mpi-futures --help$/m);
  });

  // mpi4py: only rank 0 runs the program; usage errors end with 1
  test('names a script that does not exist, without a stack', async () => {
    const result = await launch('no/such/script.mjs');
    expectUsageError(result);
    expect(result.stderr).toMatch('Path does not exist: no/such/script.mjs');
  });

  // mpi4py: only rank 0 runs the program; usage errors end with 1
  test('refuses an unknown option by name, without a stack', async () => {
    const result = await launch('--such-option', programFile('one_task.mjs'));
    expectUsageError(result);
    expect(result.stderr).toMatch(/--such-option.*\nSee mpi-futures --help$/m);
  });
}
