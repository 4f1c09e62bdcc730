/** Programs in all forms that the launcher takes, in a folder where the package is found by its name. */

import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { tgzOf, zipOf, type Files } from './archives.js';

/** The output of each of them, which is JSON. */
export interface Printed {
  /** The result of a worker for 21. */
  result: number;
  workers: number;
  /** True if it is the main module, by the means of its kind of module. */
  isMain: boolean | null;
  argv: string[];
  execArgv: string[];
}

const body = `
const factor = 2;
const print = (result, pool, isMain) => {
  const { argv, execArgv } = process;
  console.log(JSON.stringify({ result, workers: pool.numWorkers, isMain, argv: argv.slice(1), execArgv }));
};`;

export const esModule = `
import { PoolExecutor, isMain } from 'mpi-futures';
${body}
export const double = (x) => x * factor;
if (isMain) {
  const pool = new PoolExecutor();
  print(await pool.submit(double, 21), pool, import.meta.main ?? null);
}`;

/** Also as text, where there is no main module. */
export const commonJs = `
const { PoolExecutor, isMain } = require('mpi-futures');
${body}
const double = (x) => x * factor;
if (isMain) {
  const pool = new PoolExecutor();
  pool.submit(double, 21).then((result) => print(result, pool, require.main === module));
}`;

const typeScript = esModule.replace('double = (x)', 'double = (x: number): number');

const exporting = {
  exports: { '.': { import: './lib/main.mjs' }, './old': { require: './lib/old.cjs' } },
};

const inPackage: Files = {
  'package.json': JSON.stringify({ main: 'lib/main.mjs', ...exporting }),
  'lib/main.mjs': esModule.replace('const factor = 2;', "import { factor } from './factor.mjs';"),
  'lib/factor.mjs': 'export const factor = 2;',
  'lib/old.cjs': commonJs,
};

const below = (directory: string, files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${directory}/${name}`, text]));

const contents: Record<string, string | Buffer> = {
  'app.js': esModule,
  'app.mjs': esModule,
  'app.cjs': commonJs,
  'app.ts': typeScript,
  'package.json': '{ "type": "module" }',
  ...below('with_main', inPackage),
  'with_index/index.js': esModule,
  'with_other_index/index.cjs': commonJs,
  'without/readme.txt': 'nothing to run',
  'app.zip': zipOf(inPackage),
  'app.tgz': tgzOf(below('package', inPackage)),
  'broken.zip': zipOf(inPackage).subarray(0, 300),
  'broken.tgz': Buffer.from('text'),
  'clash.zip': zipOf({ a: 'a file', 'a/b': 'in a directory of the same name' }),
  // Longer than other ranks wait for a message of rank 0 before they print one themselves.
  'folder.zip/index.js': 'setTimeout(() => console.log("a directory"), 1500);',
  ...below('node_modules/packaged', inPackage),
};

/** Writes them to a folder of `build`, where git does not look, and gives its path. */
export function writePrograms(name: string): string {
  const folder = path.join(root, 'build', name);
  rmSync(folder, { recursive: true, force: true });
  for (const [name, content] of Object.entries(contents)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  symlinkSync(root, path.join(folder, 'node_modules/mpi-futures'));
  return folder;
}
