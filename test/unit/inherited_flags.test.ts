import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { inheritedFlags } from '../../lib/workers/inherited_flags.js';
import { root } from '../../scripts/paths.mjs';

const ours = path.join(root, 'dist/cli/run.js');

let folder: string;
let theirs: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'));
  // The preload of another package, with a path as similar to this one's as possible.
  theirs = path.join(folder, 'dist/cli/run.js');
  mkdirSync(path.dirname(theirs), { recursive: true });
  writeFileSync(theirs, '');
  writeFileSync(path.join(folder, 'package.json'), '{ "name": "instrument" }');
  symlinkSync(ours, path.join(folder, 'start.js'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const waysToGive = (file: string): string[][] => [
  ['--import', file],
  [`--import=${file}`],
  ['--import', pathToFileURL(file).href],
  [`--import=${pathToFileURL(file).href}`],
  ['--import', `./${path.relative(process.cwd(), file)}`],
  ['-r', file],
  ['--require', file],
  [`--require=${file}`],
];

test('a preload of the program is passed on, whatever it is called', () => {
  for (const flags of waysToGive(theirs)) expect(inheritedFlags(flags)).toEqual(flags);
  for (const preload of ['./run.js', 'run', './instrument/run', 'nowhere/run.js'])
    expect(inheritedFlags(['--import', preload])).toEqual(['--import', preload]);
});

test('the one that starts a program is not, whatever it is called', () => {
  for (const flags of waysToGive(ours)) expect(inheritedFlags(flags)).toEqual([]);
  for (const flags of waysToGive(path.join(folder, 'start.js')))
    expect(inheritedFlags(['--no-warnings', ...flags, '--title=a'])).toEqual([
      '--no-warnings',
      '--title=a',
    ]);
  expect(inheritedFlags(['--import', 'mpi-futures/run', '--import=mpi-futures/run'])).toEqual([]);
});

test('what says what this program is, or opens its debugger, is not', () => {
  const flags = ['-e', '1', '--inspect-brk=0', '--print', '1', '--input-type=module', '--test'];
  expect(inheritedFlags(flags)).toEqual([]);
  expect(inheritedFlags(['--require', '-e', '--stack-size=500'])).toEqual([
    '--require',
    '-e',
    '--stack-size=500',
  ]);
});

test('the command ts-node is passed on as what it registers, which threads can have too', () => {
  const command = '/app/node_modules/ts-node/dist/bin.js';
  const register = '/app/node_modules/ts-node/register';
  expect(inheritedFlags(['--stack-size=900', command, '-P', 'tsconfig.json'])).toEqual([
    '--stack-size=900',
    '--require',
    register,
  ]);
  expect(inheritedFlags([command, '-T'])).toEqual(['--require', `${register}/transpile-only`]);
  const fast = '/app/node_modules/ts-node/dist/bin-transpile.js';
  expect(inheritedFlags([fast])).toEqual(['--require', `${register}/transpile-only`]);
});
