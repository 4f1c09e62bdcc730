import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { ScriptIndex, type ScriptFunction } from '../../../lib/functions/source/script_index.js';
import { TextPositions, type Position } from '../../../lib/functions/source/text_positions.js';
import { IndependentScopes } from './independent_scopes.js';

const ROOT = join(__dirname, '../../..');
const FILES = {
  module: [
    ...filesIn('dist', '.js'),
    ...filesIn('scripts', '.mjs'),
    ...filesIn('test', '.mjs'),
    ...filesIn('examples', '.mjs'),
    ...filesIn('node_modules/eslint-scope/lib', '.js'),
    'node_modules/acorn/dist/acorn.mjs',
    'node_modules/prettier/index.mjs',
    'node_modules/prettier/plugins/estree.mjs',
  ],
  commonjs: [
    ...filesIn('node_modules/semver', '.js'),
    ...filesIn('node_modules/eslint/lib/rules', '.js').slice(0, 80),
    'node_modules/acorn/dist/acorn.js',
    'node_modules/esquery/dist/esquery.min.js',
    'node_modules/jest-runtime/build/index.js',
    'node_modules/prettier/plugins/acorn.js',
    'node_modules/yargs/build/index.cjs',
  ],
};

describe.each(['module', 'commonjs'] as const)('every function of a real %s', (format) => {
  test.each(FILES[format])('%s', (file) => {
    const source = readFileSync(join(ROOT, file), 'utf8');
    const index = new ScriptIndex(source, format);
    const positions = new TextPositions(source, { line: 0, column: 0 });
    const independent = new IndependentScopes(source, format);
    const found: unknown[] = [];
    const expected: unknown[] = [];
    for (const place of independent.functions) {
      const { line, column } = positions.positionOf(place.location);
      const text = source.slice(place.start, place.end);
      const fn = index.find(line, column, text)!;
      found.push(fn.surroundingsKnown && summaryOf(fn, fn));
      expected.push(summaryOf(independent.namesUsedIn(place), positions.positionOf(place.start)));
      if (fn.bondToSurroundings === undefined && !fn.usesImportMeta) compileAlone(fn, text);
    }
    expect(found).toEqual(expected);
  });
});

type Names = Pick<ScriptFunction, 'locals' | 'moduleNames' | 'globals'>;

function summaryOf({ locals, moduleNames, globals }: Names, { line, column }: Position): string {
  const names = [locals, moduleNames, globals].map((list) => [...list].sort().join(' '));
  return `${line}:${column} ${names.join(' | ')}`;
}

function compileAlone({ shape, strict }: ScriptFunction, text: string): void {
  const expression = shape === 'expression' ? `(${text})` : `({${text}})`;
  new Script(`${strict ? "'use strict';" : ''}()=>${expression}`);
}

function filesIn(folder: string, ending: string): string[] {
  // `dist` is there only once it has been compiled.
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}
