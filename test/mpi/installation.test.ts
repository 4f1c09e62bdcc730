/** The package as an app gets it: packed, installed with a lock file where nothing can be compiled, and run. */

import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findMpicc } from '../../scripts/mpi_compiler.mjs';
import { addonFile, root } from '../../scripts/paths.mjs';
import { prebuiltAddons } from '../../scripts/prebuilt_variants.mjs';
import { capture, findProgram } from '../../scripts/programs.mjs';
import { availableMpis, LAUNCHER } from '../support/layouts.js';
import { fetchNpm, linkPrograms, PackedApp, whyNoRegistry } from '../support/packed_app.js';
import { expectStatus, runProgram } from '../support/program.js';
import { skipped, testUnless, unlessLinux } from '../support/unless.js';

const onThreads = `
import { ThreadPoolExecutor } from 'mpi-futures';
const pool = new ThreadPoolExecutor(1);
console.log(await pool.submit((x) => x * 2, 21));
await pool.shutdown();`;

const onMpi = onThreads.replaceAll('ThreadPoolExecutor', 'PoolExecutor');

/** Its first task ends the process in which it runs: without a sandbox that would be the rank, and the program with it. */
const isolated = `
import { PoolExecutor } from 'mpi-futures';
const pool = new PoolExecutor({ maxWorkers: 1, isolate: true });
await pool.submit(() => process.kill(process.pid, 'SIGKILL')).catch(({ code }) => console.log(code));
console.log(await pool.submit((x) => x * 2, 21));
await pool.shutdown();`;

const why = whyNoRegistry();

describe('an app with the packed package', () => {
  if (why !== undefined) {
    skipped('an app with the packed package', why);
    return;
  }

  const app = new PackedApp();
  let program = '';
  beforeAll(() => {
    app.pack();
    program = app.write('app.mjs', onMpi);
  });
  afterAll(() => app.remove());

  // With a binding.gyp, npm would run node-gyp by itself (npm/cli#3341).
  test('has no binding.gyp', () => {
    const files = app.files();
    expect(files).toContain('package/dist/entry/index.js');
    expect(files.filter((file) => file.endsWith('.gyp'))).toEqual([]);
  });

  // TypeScript refuses `require` of ES modules in CommonJS, unless its options name a Node.js that can do it.
  test('has nothing that publint and Are The Types Wrong complain of, but that it is an ES module', () => {
    const checker = path.join(root, 'test/support/check_package.mjs');
    const { ok, output } = capture(process.execPath, [checker, app.tarball]);
    expect({ ok, output }).toMatchObject({ ok: true });
    const { publint, types } = JSON.parse(output) as { publint: string[]; types: string[] };
    expect(publint).toEqual([]);
    expect(new Set(types)).toEqual(new Set(['CJSResolvesToESM']));
  });

  test.each([10, 11, 12])(
    'is installed by npm %i with a lock file and no compiler, and runs',
    async (major) => {
      app.install(fetchNpm(major));
      const result = await runProgram({ program: app.write('threads.mjs', onThreads) });
      expectStatus(result, 0);
      expect(result.stdout).toBe('42\n');
    },
    600_000,
  );

  const installOnce = () => {
    if (!existsSync(app.command)) app.install(fetchNpm(10));
  };

  test.each(availableMpis())('runs on %s with an addon that was built', async (mpi) => {
    installOnce();
    const result = await runProgram({
      mpi,
      ranks: 2,
      program: app.command,
      args: [program],
      env: { MPI_FUTURES_ADDON: addonFile(mpi) },
    });
    expectStatus(result, 0);
    expect(result.stdout).toBe('42\n');
  });

  describe('and its prebuilt addons', () => {
    const made = prebuiltAddons();
    for (const mpi of availableMpis()) {
      if (made.some(({ abi }) => abi === mpi)) continue;
      const missing = `no prebuilt addon of ${mpi}; npm run build:prebuilt makes it`;
      skipped('an app with the packed package and no compiler', missing);
    }
    const served = availableMpis().filter((mpi) => made.some(({ abi }) => abi === mpi));
    if (served.length === 0) return; // test.each refuses an empty list

    test.each(served)('runs on %s with nothing compiled', async (mpi) => {
      installOnce();
      const options = { mpi, ranks: 2, program: app.command, args: [program] };
      const result = await runProgram(options);
      expectStatus(result, 0);
      expect(result.stdout).toBe('42\n');
    });

    test.each(served)('runs tasks of %s in sandboxes, with nothing compiled', async (mpi) => {
      installOnce();
      const args = [app.write('isolated.mjs', isolated)];
      const result = await runProgram({ mpi, ranks: 2, program: app.command, args });
      expectStatus(result, 0);
      expect(result.stdout).toBe('ERR_WORKER_LOST\n42\n');
    });

    test.each(served.slice(0, 1))('is said by the doctor to use that of %s', async () => {
      installOnce();
      const result = await runProgram({ program: app.command, args: ['doctor'], cwd: app.app });
      expect(result.stdout).toMatch(
        /The addon for .+, prebuilt in the package can be loaded: .+\/prebuilt\//,
      );
    });

    test('is not larger for them than 3 MB', () => {
      expect(app.size()).toBeLessThan(3e6);
    });

    // Without mpiexec any MPI is fine, and the addons of MPICH are not damaged.
    test.each(served.includes('openmpi') ? [...served, null] : served)(
      'says so in a sentence where that of %s is damaged',
      async (mpi) => {
        installOnce();
        const files = readdirSync(app.prebuilt, { recursive: true, encoding: 'utf8' })
          .filter((name) => name.endsWith('.node') && name.startsWith(mpi ?? 'openmpi'))
          .map((name) => path.join(app.prebuilt, name));
        const whole = files.map((file) => readFileSync(file));
        for (const file of files) truncateSync(file, 100_000);
        const options = mpi === null ? { program } : { program: app.command, args: [program] };
        const result = await runProgram({ mpi, ranks: 2, ...options });
        files.forEach((file, index) => writeFileSync(file, whole[index]!));
        expectStatus(result, 1);
        expect(result.stderr).toMatch(
          /The addon .+ cannot be loaded: it is cut off\. The file is damaged\. Install the package again, or build it: npx mpi-futures build/,
        );
      },
    );
  });

  test('says so in a sentence where what looks for its prebuilt addons is not there', async () => {
    installOnce();
    mkdirSync(path.join(app.prebuilt, 'openmpi'), { recursive: true });
    const finder = path.join(app.app, 'node_modules/node-gyp-build');
    renameSync(finder, `${finder}.away`);
    const result = await runProgram({ program });
    renameSync(`${finder}.away`, finder);
    expectStatus(result, 1);
    expect(result.stderr).toMatch(
      /The addon \S+\/prebuilt\/openmpi cannot be loaded: node-gyp-build, which finds it, is missing: Cannot find module 'node-gyp-build'\. Install the package again, or build it: npx mpi-futures build/,
    );
  });

  describe('that its user cannot write to', () => {
    // Root can write to every folder, so another user runs it.
    const within =
      process.getuid?.() === 0
        ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--']
        : [];
    const mpi = availableMpis()[0];
    const cannot =
      mpi === undefined
        ? 'no MPI'
        : within.length > 0 && !capture('setpriv', [...within.slice(1), 'true']).ok
          ? 'root cannot become another user here'
          : undefined;
    if (mpi === undefined || cannot !== undefined) {
      skipped('a build where the package cannot be written to', cannot ?? 'no MPI');
      return;
    }
    const cache = path.join(app.folder, 'cache');
    const env = { XDG_CACHE_HOME: cache, HOME: app.folder, MPI_FUTURES_MPI: mpi };
    // Like Cray's cc: finds MPI by itself, and does not understand -show.
    const compiler = path.join(app.folder, 'cc');
    const command = capture(findMpicc(mpi)!, ['-show']).output.trim();
    writeFileSync(compiler, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
    const build = (args: readonly string[], more: NodeJS.ProcessEnv = {}) =>
      runProgram({
        within,
        program: app.command,
        args: ['build', '--mpicc', compiler, ...args],
        // It builds for the package in the working directory.
        cwd: app.app,
        env: { ...env, ...more },
        deadline: 900_000,
      });

    beforeAll(() => {
      installOnce();
      rmSync(app.prebuilt, { recursive: true, force: true });
      mkdirSync(cache);
      if (within.length > 0) chownSync(cache, 65534, 65534);
      else execFileSync('chmod', ['-R', 'a-w', app.app]);
    });
    afterAll(() => {
      if (within.length === 0) execFileSync('chmod', ['-R', 'u+w', app.app]);
    });

    test('builds into a cache, where programs find it', async () => {
      const options = { within, mpi, ranks: 2, program: app.command, args: [program], env };
      const before = await runProgram(options);
      expect(before.stderr).toMatch('npx mpi-futures build');

      const built = await build([]);
      expectStatus(built, 0);
      expect(built.stdout).toMatch(`${cache}/mpi-futures/addons/`);
      expect(built.stderr).toMatch(/^The folder of the package cannot be written to \(.+\): /);
      expect(built.stderr).toMatch(/Compiling/);

      const after = await runProgram(options);
      expectStatus(after, 0);
      expect(after.stdout).toBe('42\n');
    }, 1_000_000);

    test.each([
      ['the cache', [], { XDG_CACHE_HOME: '/proc/cache' }, /nor can the cache, \/proc\/cache/],
      ['--out', ['--out', '/proc/out'], {}, /can be written to for --out but received \/proc\/out/],
    ])('says so in one line where %s is no better', async (_, args, more, words) => {
      const result = await build(args, more);
      expectStatus(result, 1);
      expect(result.stderr).toMatch(words);
      expect(result.stderr.trim().split('\n')).toHaveLength(1);
    });
  });
});

describe('mpi-futures build on a machine that', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-path-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const wrappers = ['mpicc', 'mpicc.openmpi', 'mpicc.mpich', 'mpichversion'];
  const compilers = ['g++', 'clang++', 'c++', 'gcc', 'cc', 'x86_64-linux-gnu-gcc'];
  const tools = ['ar', 'as', 'ld', 'nm', 'ranlib', 'strip', 'objcopy', 'objdump', 'readelf'];
  const all = ['node', 'sh', 'make', 'ninja', 'cmake', ...tools, ...compilers, ...wrappers];

  /** A PATH without these; its apt-get stands for that of a Debian, and is never run. */
  function pathWithout(names: readonly string[]): string {
    const bin = linkPrograms(
      path.join(folder, randomUUID()),
      all.filter((name) => !names.includes(name)),
    );
    writeFileSync(path.join(bin, 'apt-get'), '#!/bin/sh\nexit 99\n', { mode: 0o755 });
    return bin;
  }

  const build = (PATH: string) =>
    runProgram({ program: LAUNCHER, args: ['build', '--out', `${PATH}/out`], env: { PATH } });

  testUnless(unlessLinux).each([
    ['a C++ compiler', compilers, 'a C++17 compiler', 'g++'],
    ['make', ['make', 'ninja'], 'make', 'make'],
    ['CMake', ['cmake'], 'CMake', 'cmake'],
    [
      'everything',
      [...compilers, ...wrappers, 'make', 'ninja', 'cmake'],
      'a C++17 compiler, make, CMake, Open MPI with its C headers (or MPICH)',
      'g++ make cmake openmpi-bin libopenmpi-dev',
    ],
  ])('lacks %s: says what, and how to install it', async (_, without, names, packages) => {
    const result = await build(pathWithout(without));
    expectStatus(result, 1);
    expect(result.stderr).toMatch(`The addon needs ${names}. Install with\n`);
    expect(result.stderr).toMatch(
      new RegExp(`^ {4}(sudo )?apt-get install ${escaped(packages)}$`, 'm'),
    );
  });

  testUnless(unlessLinux).each([
    [
      'a compiler that is not there',
      ['--mpicc', '/no/mpicc'],
      {},
      "'/no/mpicc', which is no program",
    ],
    ['no name of a compiler', ['--mpicc', ''], {}, "'', which is no program"],
    ['no name of a folder', ['--out', ''], {}, "Expected a folder for --out but received ''"],
    // Also as root. `fs.mkdir` with `recursive` does not return for this folder.
    [
      'a folder that cannot be made',
      ['--out', '/proc/out/x'],
      {},
      'for --out but received /proc/out/x',
    ],
    ['a CXX that makes nothing', [], { CXX: '/bin/true' }, 'there is no addon'],
  ])('is given %s: says so', async (_, args, more, words) => {
    const PATH = pathWithout([]);
    const all = ['build', '--out', path.join(PATH, 'out'), ...args];
    const result = await runProgram({ program: LAUNCHER, args: all, env: { PATH, ...more } });
    expectStatus(result, 1);
    expect(result.stderr).toMatch(words);
    expect(result.stderr).not.toMatch(/^ {4}at /m);
  });

  // Needs root, for mounting a disk. The smaller one is full when CMake looks for a compiler, the larger one when that writes.
  const asRoot = process.getuid?.() === 0 && capture('unshare', ['--mount', 'true']).ok;
  testUnless(asRoot ? unlessLinux : 'only root can mount a disk').each(['100k', '300k'])(
    'has a disk with %s left: says so in a sentence',
    async (size) => {
      const out = path.join(folder, size);
      mkdirSync(out);
      const script = `mount -t tmpfs -o size=${size} tmpfs ${out} && exec "$0" "$@"`;
      const within = ['unshare', '--mount', 'sh', '-c', script];
      const result = await runProgram({
        within,
        program: LAUNCHER,
        args: ['build', '--out', out],
        deadline: 900_000,
      });
      expectStatus(result, 1);
      const [last = '', ...before] = result.stderr.trim().split('\n').reverse();
      expect(last).toMatch(
        `The addon could not be built: the disk of ${out} is full. A build takes`,
      );
      for (const line of before) expect(line).toMatch(/^Compiling the addon|^ +\d+ %$/);
    },
    1_000_000,
  );

  // By default, CMake also looks in folders that are not in PATH.
  testUnless(unlessLinux)(
    'lacks an MPI with headers: says what, and how to install it',
    async () => {
      const PATH = pathWithout([...wrappers, 'cmake']);
      const cmake = findProgram('cmake') ?? '';
      const ignored = '/usr/bin;/bin;/usr/local/bin;/usr/sbin;/sbin';
      const script = `#!/bin/sh
case "$1" in --version | --build) exec ${cmake} "$@";; esac
exec ${cmake} "$@" '-DCMAKE_IGNORE_PATH=${ignored}'
`;
      writeFileSync(path.join(PATH, 'cmake'), script, { mode: 0o755 });
      const result = await build(PATH);
      expectStatus(result, 1);
      expect(result.stderr).toMatch(
        'The addon needs Open MPI with its C headers (or MPICH). Install',
      );
      expect(result.stderr).toMatch(/apt-get install openmpi-bin libopenmpi-dev$/m);
      expect(result.stderr).toMatch('--mpicc PATH');
      expect(result.stderr).not.toMatch('CMake Error');
    },
  );
});

function escaped(text: string): string {
  return text.replaceAll('+', '\\+');
}
