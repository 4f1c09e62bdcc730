import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root } from '../../scripts/paths.mjs';

const lib = path.join(root, 'lib');

/** The files of lib/ that a file imports, also those of which it needs types only. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(path.join(lib, file), 'utf8'));
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => path.join(path.dirname(file), fileName).replace(/\.js$/, '.ts'));
}

/** A file that comes back to itself, with those in between; undefined if there is none. */
function cycleIn(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const from = (file: string, way: readonly string[]): string[] | undefined => {
    const at = way.indexOf(file);
    if (at >= 0) return [...way.slice(at), file];
    if (done.has(file)) return undefined;
    for (const next of graph.get(file) ?? []) {
      const cycle = from(next, [...way, file]);
      if (cycle !== undefined) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = from(file, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

// The lint import-x/no-cycle does not look at imports of types.
test('no file of lib/ imports itself by way of others, not even for types', () => {
  const graph = new Map(files.map((file) => [file, importsOf(file)]));
  expect(graph.get('index.ts')).toContain('errors.ts');
  expect(cycleIn(graph)).toBeUndefined();
});

test('a cycle is found', () => {
  const graph = { a: ['b', 'd'], b: ['c'], c: ['b'], d: [] };
  expect(cycleIn(new Map(Object.entries(graph)))).toEqual(['b', 'c', 'b']);
});

test('no folder of lib/ has more than 25 files', () => {
  const sizes = new Map<string, number>();
  for (const file of files) {
    const folder = path.dirname(file);
    sizes.set(folder, (sizes.get(folder) ?? 0) + 1);
  }
  expect([...sizes].filter(([, size]) => size > 25)).toEqual([]);
});
