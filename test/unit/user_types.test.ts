/** The types of the package as users get them: with every module resolution, and no check left out. */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { capture } from '../../scripts/programs.mjs';
import { root } from '../../scripts/paths.mjs';

const program = `
import { PoolExecutor, collect, isMain, type Future } from 'mpi-futures';
import { COMM_WORLD } from 'mpi-futures/mpi';
import 'mpi-futures/run';

const rank: number = COMM_WORLD.rank;

if (isMain) {
  await using pool = new PoolExecutor({ maxWorkers: 2 });
  const future: Future<number> = pool.submit((a, b) => a + b, 1, 2);
  const promise: Promise<number> = future;
  const doubled: number[] = await pool.map((x) => x * 2, [1, 2, 3]).toArray();
  const both: [number, string] = await collect([future, pool.submit((x) => x.trim(), ' text ')]);
  console.log(rank, await promise, doubled, both, pool.stats().runTime.p99);
  // @ts-expect-error: an argument is missing
  await pool.submit((a: number, b: number) => a + b, 1);
}
`;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-types-'));
  mkdirSync(path.join(folder, 'node_modules/@types'), { recursive: true });
  symlinkSync(root, path.join(folder, 'node_modules/mpi-futures'));
  symlinkSync(
    path.join(root, 'node_modules/@types/node'),
    path.join(folder, 'node_modules/@types/node'),
  );
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(path.join(folder, 'app.ts'), program);
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['nodenext', { module: 'nodenext' }],
  ['bundler', { module: 'esnext' }],
  // The resolution without `exports`: deprecated, but still the default of older programs.
  ['node10', { module: 'esnext', ignoreDeprecations: '6.0' }],
])(
  'with moduleResolution %s, without skipLibCheck, and with no types of Node.js asked for',
  (moduleResolution, options) => {
    const config = {
      compilerOptions: {
        strict: true,
        noEmit: true,
        skipLibCheck: false,
        target: 'es2023',
        lib: ['es2023', 'esnext.disposable'],
        // The default of TypeScript 6: a package that needs @types/node must refer to it.
        types: [],
        moduleResolution,
        ...options,
      },
      files: ['app.ts'],
    };
    const file = path.join(folder, `tsconfig.${moduleResolution}.json`);
    writeFileSync(file, JSON.stringify(config));
    const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
    const { output } = capture(process.execPath, [tsc, '--project', file]);
    expect(output).toBe('');
  },
  300_000,
);
