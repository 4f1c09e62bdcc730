/** The addons that come with the package, so that nobody needs a compiler: `npm run build:prebuilt` makes them. */

import { mkdtempSync, rmSync, symlinkSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { prebuiltAddons, prebuiltSandboxAddon } from '../../scripts/prebuilt_variants.mjs';
import { capture } from '../../scripts/programs.mjs';
import { availableMpis, describeOnEachMpi } from '../support/layouts.js';
import { expectStatus } from '../support/program.js';
import { skipped } from '../support/unless.js';

const program = path.join(root, 'examples/hello.mjs');

/** The versions that compilers of Debian 12 ask for. RHEL 9 and Ubuntu 22.04 have them, too. */
const newest = { GLIBC: '2.34', GLIBCXX: '3.4.29', CXXABI: '1.3.13', GCC: '12.0.0' };

const how = 'not made of the present sources; npm run build:prebuilt makes it';

describe.each(['x64', 'arm64'])('a prebuilt addon for linux-%s', (arch) => {
  const made = [
    ...prebuiltAddons(arch).map(({ name, file, soname }) => ({ name, file, mpi: [soname] })),
    ...prebuiltSandboxAddon(arch).map((addon) => ({ ...addon, mpi: [] })),
  ];
  if (made.length === 0) {
    skipped(`the prebuilt addons for linux-${arch}`, how);
    return;
  }

  test('one of them is that of sandboxes', () => {
    expect(made.filter(({ mpi }) => mpi.length === 0)).toHaveLength(1);
  });

  test.each(made)('needs its MPI, and nothing of this machine: $name', ({ file, mpi }) => {
    const dynamic = capture('readelf', ['-dW', file]).output;
    const needed = [...dynamic.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map((match) => match[1]);
    const ofSystem = /^(libstdc\+\+|libgcc_s|libm|libc|libpthread|ld-linux-.+)\.so\.\d+$/;
    expect(needed.filter((name) => !ofSystem.test(name ?? ''))).toEqual(mpi);
    expect(dynamic).not.toMatch(/RPATH|RUNPATH/);
    // A library that is too old is refused at loading.
    expect(dynamic).toMatch('BIND_NOW');
  });

  test.each(made)('asks for nothing newer than Debian 12 has: $name', ({ file }) => {
    const versions = capture('readelf', ['-VW', file]).output;
    const asked = [...versions.matchAll(/Name: (\w+?)_([\d.]+)/g)];
    expect(asked).not.toEqual([]);
    for (const [, name = '', version = ''] of asked)
      expect({ name, version: later(version, newest[name as keyof typeof newest]) }).toEqual({
        name,
        version: newest[name as keyof typeof newest],
      });
  });

  test.each(made)('shows Node.js what it calls, and no symbol more: $name', ({ file }) => {
    const symbols = capture('nm', ['-D', '--defined-only', file]).output.trim().split('\n');
    expect(symbols.map((line) => line.split(' ').at(-1))).toEqual([
      'napi_register_module_v1',
      'node_api_module_get_api_version_v1',
    ]);
  });
});

function later(one: string, other = ''): string {
  return one.localeCompare(other, 'en', { numeric: true }) > 0 ? one : other;
}

describeOnEachMpi('prebuilt addons', ({ run, mpi, spawns, installation }) => {
  if (installation !== undefined) return; // such an installation has an addon of its own
  const folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-prebuilt-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  // MPICH has two names, of which one is found here.
  const mpich = capture('sh', ['-c', 'ldconfig -p | sed -n "s/.*libmpich.so.12 .*=> //p"']).output;
  if (mpich.startsWith('/')) symlinkSync(mpich.trim(), path.join(folder, 'libmpi.so.12'));
  const { LD_LIBRARY_PATH: before = '' } = process.env;

  const made = prebuiltAddons().filter(({ abi }) => abi === mpi);
  if (made.length === 0) {
    skipped(`the prebuilt addon of ${mpi}`, how);
    return;
  }
  // That of MPI 5 runs in `npm run test:roots -- sid --list install`.
  for (const { name, file } of made) {
    const others = name === 'mpich' ? { LD_LIBRARY_PATH: `${folder}:${before}` } : {};
    const env = { MPI_FUTURES_ADDON: file, ...others };
    if (
      !capture(process.execPath, ['-e', 'require(process.argv[1])', file], {
        ...process.env,
        ...env,
      }).ok
    ) {
      // prettier-ignore
      skipped(`the prebuilt addon ${name}`, 'its library is not here');
      continue;
    }
    test(`${name} runs examples/hello.mjs`, async () => {
      const result = await run(program, { env });
      expectStatus(result, 0);
      expect(result.stdout.trim().split('\n')).toHaveLength(2);
    });
  }

  test.each([
    ['cut off', (whole: Buffer) => whole.subarray(0, whole.length / 2)],
    ['cut off in its header', (whole: Buffer) => whole.subarray(0, 40)],
    ['empty', () => Buffer.alloc(0)],
    ['a text', () => Buffer.from('version https://git-lfs.github.com/spec/v1\n'.repeat(9))],
  ])('one that is %s is refused by name, with what to do', async (_, damage) => {
    const file = path.join(folder, 'damaged.node');
    writeFileSync(file, damage(readFileSync(made[0]!.file)));
    const result = await run(program, { env: { MPI_FUTURES_ADDON: file } });
    expectStatus(result, 1);
    // On the command line the user sees only the sentence.
    if (spawns) expect(result.stderr).toMatch(/MPIUnavailableError[^]*'ERR_ADDON_UNUSABLE'/);
    expect(result.stderr).toMatch(`The addon ${file} cannot be loaded: `);
    expect(result.stderr).toMatch('The file is damaged. Name another one, unset MPI_FUTURES_ADDON');
  });

  const { soname } = made[0]!;

  /** A folder with a library that has the name of this MPI's. */
  function withLibrary(source: string, ...needed: readonly string[]): string {
    const place = mkdtempSync(path.join(folder, 'library-'));
    compile(path.join(place, soname), source, ...needed);
    return place;
  }

  function compile(file: string, source: string, ...needed: readonly string[]): string {
    writeFileSync(`${file}.c`, source);
    const name = ['-shared', '-fPIC', `-Wl,-soname,${path.basename(file)}`, '-Wl,--no-as-needed'];
    expect(capture('cc', [...name, '-o', file, `${file}.c`, ...needed])).toMatchObject({
      ok: true,
    });
    return file;
  }

  /** That of the other MPI, under this one's name, as by a link that somebody has made. */
  function withOther(): string {
    const place = mkdtempSync(path.join(folder, 'library-'));
    const other = mpi === 'openmpi' ? 'libmpich.so.12' : 'libmpi.so.40';
    const found = capture('sh', ['-c', `ldconfig -p | sed -n "s/.*${other} .*=> //p"`]).output;
    symlinkSync(found.trim().split('\n')[0] ?? '', path.join(place, soname));
    return place;
  }

  function withText(): string {
    const place = mkdtempSync(path.join(folder, 'library-'));
    writeFileSync(path.join(place, soname), 'text');
    return place;
  }

  const ofOther = /of another MPI(: this package|\. A link or LD_LIBRARY_PATH leads to it)/;
  const libraries: [string, () => string, RegExp][] = [
    ['is too old', () => withLibrary('int MPI_Init;'), /too old for it.+needs MPI 3\.1/],
    ['is damaged', withText, /libmpi.+: file too short\. This library is damaged\. Install /],
    [
      'lacks one that it needs',
      () => withLibrary('', compile(path.join(folder, 'libneeded.so'), '')),
      /libneeded\.so belongs to its MPI, or is needed by it\. Install it again/,
    ],
    ...(availableMpis().length > 1
      ? [['is that of another MPI', withOther, ofOther] satisfies [string, () => string, RegExp]]
      : []),
  ];
  test.each(libraries)(
    'one whose library %s is refused, with what to do',
    async (_, make, words) => {
      // libneeded.so is no longer where it was when the library was linked.
      const env = { MPI_FUTURES_ADDON: made[0]!.file, LD_LIBRARY_PATH: make() };
      rmSync(path.join(folder, 'libneeded.so'), { force: true });
      const result = await run(program, { env });
      expectStatus(result, 1);
      expect(result.stderr).toMatch(words);
      if (spawns) expect(result.stderr).toMatch("'ERR_ADDON_UNUSABLE'");
    },
  );

  test('one that is named by a relative path is looked for from the working directory', async () => {
    const env = { MPI_FUTURES_ADDON: path.relative(root, made.at(-1)!.file) };
    const result = await run(program, { env, cwd: root });
    expectStatus(result, 0);
    expect(result.stdout.trim().split('\n')).toHaveLength(2);
  });
});
