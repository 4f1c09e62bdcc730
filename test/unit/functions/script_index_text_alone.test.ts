import { ScriptIndex } from '../../../lib/functions/source/script_index.js';
import { summary, type Expected } from './described_functions.js';

// Syntax that acorn cannot parse, as a later V8 might know it.
const BEFORE = '@decorator class Decorated {}\n  const it = ';

const TEXTS: Record<string, Expected> = {
  '(x) => x * scale': { module: 'scale' },
  'async x => await other(x, Math)': { module: 'other Math' },
  'function f(n) { return n && f(n - 1); }': { ownName: 'f' },
  'function* () { yield this; }': {},
  '() => this.x': { bond: 'this' },
  '() => arguments': { bond: 'arguments' },
  '() => super.m()': { bond: 'super' },
  '() => import.meta.url': { flags: 'import.meta' },
  'class K extends Base { #x = K; m() { return super.m() + this.#x; } }': {
    ownName: 'K',
    module: 'Base',
    flags: '#',
  },
  'class { constructor() {} }': {},
  'm(x) { return x + scale.x; }': { shape: 'method', module: 'scale', members: { scale: 'x' } },
  'async *[Symbol.iterator]() {}': {
    shape: 'method',
    module: 'Symbol',
    members: { Symbol: 'iterator' },
  },
  "['a' + (() => k)()]() {}": { shape: 'method', module: 'k' },
  'm() { return super.m(); }': { shape: 'method', bond: 'super' },
  'm() { return this.#x; }': { shape: 'method', bond: '#x' },
  'get got() { return 1; }': { shape: 'getter' },
  'set got(v) {}': { shape: 'setter' },
  '#hidden() { return 1; }': { shape: 'private method', bond: '#hidden' },
  'async #hidden() { return 1; }': { shape: 'private method', bond: '#hidden' },
  'function () { with (o) return 010; }': { module: 'o', flags: 'sloppy' },
  'function () { return eval("x"); }': { module: 'eval', flags: 'eval' },
};

describe('a script that cannot be parsed', () => {
  test.each(Object.keys(TEXTS))('%s', (text) => {
    const { flags = '', ...expected } = TEXTS[text]!;
    const format = flags === 'sloppy' ? 'commonjs' : 'module';
    const index = new ScriptIndex(`${BEFORE}${text};`, format);
    expect(index.problem).toMatch(/^SyntaxError: Unexpected character '@'/);
    const column = /^(\(|async x|class K)/.test(text) ? 13 : 13 + text.indexOf('(');
    const fn = index.find(1, column, text)!;
    expect(summary(fn)).toEqual({ ...expected, flags: `${flags} text alone`.trim() });
    expect(fn).toMatchObject({ line: 1, column: 13 });
  });

  test('a text that cannot be parsed either gives nothing', () => {
    const index = new ScriptIndex(BEFORE, 'module');
    for (const text of [
      'function abs() { [native code] }',
      '@decorator class {}',
      '(x: number) => x',
      '1',
      'a, () => 1',
      '() => 1; other()',
      'm() {}, n() {}',
      'class {} }, class {',
    ]) {
      expect(index.find(1, 13, text)).toBeUndefined();
    }
  });

  test('a sum of thousands of terms is none', () => {
    const sum = Array(3000).fill("'a'").join(' + ');
    const index = new ScriptIndex(`const f = (x) => y + ${sum};`, 'module');
    expect(index.find(0, 10, `(x) => y + ${sum}`)).toMatchObject({ path: ['f'], globals: ['y'] });
  });

  test('too deep nesting is no crash', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const index = new ScriptIndex(`const f = (x) => y;\nconst deep = ${deep};`, 'module');
    expect(index.find(0, 10, '(x) => y')).toMatchObject({ moduleNames: ['y'], path: undefined });
    expect(index.problem).toMatch(/stack/);
  });
});

describe('a script that can be parsed', () => {
  const source = 'const k = 1;\nconst f = (x) => x + k, g = () => 0;';

  test('has no problem', () => expect(new ScriptIndex(source, 'module').problem).toBeUndefined());

  test('gives the same function once', () => {
    const index = new ScriptIndex(source, 'module');
    expect(index.find(1, 10, '(x) => x + k')).toBe(index.find(1, 10, '(x) => x + k'));
  });

  test.each([
    ['another text', 1, 10, '(y) => y + k'],
    ['another place', 1, 24, '(x) => x + k'],
    ['a line that it does not have', 7, 0, '(x) => x + k'],
    ['a place before its start', -1, -1, '(x) => x + k'],
  ])('%s is looked at alone', (_, line, column, text) => {
    const fn = new ScriptIndex(source, 'module').find(line, column, text)!;
    expect(fn).toMatchObject({
      surroundingsKnown: false,
      path: undefined,
      moduleNames: ['k'],
      line,
      column,
    });
  });

  test('of another format than said is parsed as what it is', () => {
    const module = 'import fs from "node:fs"; export const f = () => fs;';
    expect(new ScriptIndex(module, 'commonjs').find(0, 43, '() => fs')).toMatchObject({
      path: ['f'],
      exportedAs: 'f',
    });
    const commonJs = 'exports.f = () => this; return;';
    expect(new ScriptIndex(commonJs, 'script').find(0, 12, '() => this')).toMatchObject({
      path: ['exports', 'f'],
      bondToSurroundings: 'this',
    });
  });
});
