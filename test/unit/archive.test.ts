import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { unpack as unpackTo } from '../../lib/cli/archive.js';
import { tgzOf, zipOf, type Files } from '../support/archives.js';

const files: Files = { 'index.js': 'the program', 'lib/part.js': 'a part', 'lib/empty': '' };

let folder: string;
let temporary: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'mpi-futures-')));
  temporary = path.join(folder, 'temporary');
  mkdirSync(temporary);
});

afterEach(() => rmSync(folder, { recursive: true }));

const unpack = (archive: string) => unpackTo(archive, temporary);

function put(name: string, content: Buffer | string): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

/** All files that are there, also those that should not. */
function unpackedFiles(): string[] {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true });
  return all.filter((entry) => entry.isFile()).map(({ name }) => name);
}

function expectFiles(directory: string): void {
  for (const [name, content] of Object.entries(files))
    expect(readFileSync(path.join(directory, name), 'utf8')).toBe(content);
}

test('a zip archive is unpacked with its directories', async () => {
  expectFiles(await unpack(put('app.zip', zipOf(files))));
});

test('a tgz archive is unpacked, and the directory that npm pack makes is the program', async () => {
  const packed = Object.entries(files).map(([name, content]) => [`package/${name}`, content]);
  const directory = await unpack(put('app.tgz', tgzOf(Object.fromEntries(packed))));
  expect(path.basename(directory)).toBe('package');
  expectFiles(directory);
});

test('it is unpacked to the same place again, and what is missing or short comes back', async () => {
  const archive = put('app.zip', zipOf(files));
  const directory = await unpack(archive);
  const kept = statSync(path.join(directory, 'index.js')).ino;
  rmSync(path.join(directory, 'lib/empty'));
  truncateSync(path.join(directory, 'lib/part.js'), 2);
  expect(await unpack(archive)).toBe(directory);
  expectFiles(directory);
  expect(statSync(path.join(directory, 'index.js')).ino).toBe(kept);
});

test('many at once get it whole, and leave nothing else', async () => {
  const archive = put('app.zip', zipOf(files));
  const directories = await Promise.all(Array.from({ length: 20 }, () => unpack(archive)));
  expect(new Set(directories).size).toBe(1);
  expectFiles(directories[0]!);
  expect(unpackedFiles().sort()).toEqual(['app.zip', 'empty', 'index.js', 'part.js']);
});

test('another content is unpacked to another place', async () => {
  const first = await unpack(put('app.zip', zipOf(files)));
  const second = await unpack(put('app.zip', zipOf({ ...files, 'index.js': 'another one' })));
  expect(second).not.toBe(first);
  expectFiles(first);
});

test('packages are found from it as from where the archive is', async () => {
  put('node_modules/outer/index.js', 'outer');
  put('deep/node_modules/inner/index.js', 'inner');
  const directory = await unpack(put('deep/app.zip', zipOf(files)));
  const found = (name: string) =>
    require.resolve(name, { paths: [path.join(directory, 'lib')] }).slice(folder.length);
  expect(realpathSync(path.join(folder, found('outer')))).toBe(
    path.join(folder, 'node_modules/outer/index.js'),
  );
  expect(realpathSync(path.join(folder, found('inner')))).toBe(
    path.join(folder, 'deep/node_modules/inner/index.js'),
  );
});

test('an archive inside node_modules writes nothing there', async () => {
  const archive = put('node_modules/app/app.zip', zipOf(files));
  expectFiles(await unpack(archive));
  expect(readdirSync(path.dirname(archive))).toEqual(['app.zip']);
});

const outside = ['../outside', 'lib/../../outside', '/outside', '..\\outside'];

test.each(outside)('a zip archive with the path %s is refused', async (name) => {
  const archive = put('app.zip', zipOf({ ...files, [name]: 'harm' }));
  await expect(unpack(archive)).rejects.toMatchObject({ code: 'ERR_USAGE' });
  expect(unpackedFiles()).toEqual(['app.zip']);
});

test.each(outside)('a tgz archive with the path %s is refused', async (name) => {
  const archive = put('app.tgz', tgzOf({ ...files, [name]: 'harm' }));
  await expect(unpack(archive)).rejects.toMatchObject({ code: 'ERR_USAGE' });
  expect(unpackedFiles()).toEqual(['app.tgz']);
});

test('links are left out', async () => {
  const archive = put('app.zip', zipOf({ link: '/etc' }, { mode: 0o120777 }));
  await expect(unpack(archive)).rejects.toThrow('no file');
});

test.each([
  ['a zip archive that is none', 'app.zip', Buffer.from('text')],
  ['a zip archive that is cut off', 'app.zip', zipOf(files).subarray(0, 100)],
  ['a zip archive with a damaged file', 'app.zip', zipOf(files, { checksum: 1 })],
  ['an empty zip archive', 'app.zip', zipOf({})],
  ['an empty file', 'app.zip', Buffer.alloc(0)],
  ['a tgz archive that is none', 'app.tgz', Buffer.from('text')],
  ['a tgz archive that is cut off', 'app.tgz', tgzOf(files).subarray(0, 60)],
  ['an empty tgz archive', 'app.tgz', tgzOf({})],
  ['an empty file', 'app.tgz', Buffer.alloc(0)],
])('%s is refused by name: %s', async (_, name, content) => {
  const refusal = { code: 'ERR_USAGE', message: expect.stringContaining(name) };
  await expect(unpack(put(name, content))).rejects.toMatchObject(refusal);
});

test('where nothing can be written, it is said', async () => {
  const archive = put('app.zip', zipOf(files));
  const refusal = { code: 'ERR_USAGE', message: expect.stringMatching(/app\.zip in .*TMPDIR/) };
  await expect(unpackTo(archive, put('file', ''))).rejects.toMatchObject(refusal);
});

test('a directory that others may write to is not used', async () => {
  const elsewhere = path.join(folder, 'elsewhere');
  mkdirSync(elsewhere);
  symlinkSync(elsewhere, path.join(temporary, `mpi-futures-${userInfo().uid}`));
  const archive = put('app.zip', zipOf(files));
  await expect(unpack(archive)).rejects.toMatchObject({ code: 'ERR_USAGE' });
  expect(existsSync(path.join(elsewhere, 'index.js'))).toBe(false);
});
