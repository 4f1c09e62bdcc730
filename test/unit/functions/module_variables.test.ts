/** Which variables of a module go with the text of a function, by what its source says. */
import { moduleVariables } from '../../../lib/functions/source/module_variables.js';
import { parseScript, type ScriptFormat } from '../../../lib/functions/source/parsed_script.js';

function carried(source: string, format: ScriptFormat = 'module'): string[] {
  return [...moduleVariables(parseScript(source, format)).carried].sort();
}

function changing(source: string, format: ScriptFormat = 'module'): string[] {
  return [...moduleVariables(parseScript(source, format)).changing].sort();
}

test('every let, exported and destructured', () => {
  expect(carried('let a; let b = 1, { c, d: [e] } = x; export let f = 2;')).toEqual([
    'a',
    'b',
    'c',
    'e',
    'f',
  ]);
});

test('no constants', () => {
  const source =
    'import a, { b } from "x"; const c = 1; function d() {} class e {} export default function f() {} export class g {}';
  expect(carried(source)).toEqual([]);
});

test('no let of a block, a loop or a function', () => {
  expect(carried('{ let a; } for (let b of []) b; function c() { let d; var e; }')).toEqual([]);
});

test.each([
  ['a branch', 'if (isMain) a = 1;'],
  ['a block of it', 'if (isMain) { a = 1; }'],
  ['a function', 'export function set(x) { a = x; }'],
  ['an arrow function', 'const set = (x) => (a = x);'],
  ['a loop', 'for (a of [1]) ;'],
  ['the head of a loop', 'for (a = 0; a < 3; a++) ;'],
  ['a try', 'try { a = 1; } catch {}'],
  ['a pattern', 'if (isMain) ({ x: [a] } = y);'],
  ['an update', 'function f() { a++; }'],
  ['the right of &&', 'isMain && (a = 1);'],
  ['the right of ||', '!isMain || (a = 1);'],
  ['the right of ??', '(isMain ? null : 1) ?? (a = 1);'],
  ['the right of &&=', 'b &&= (a = 1);'],
  ['a part behind ?.', 'program?.start(a = 1);'],
  ['a default value', 'const { b = (a = 1) } = c;'],
  ['the right of || for another variable', 'b || (a = 1);'],
  ['a conditional expression', 'isMain ? (a = 1) : 0;'],
  ['another declaration', 'if (isMain) { var a = 2; }'],
  ['a class', 'class C { m() { a = 1; } }'],
])('a var that %s assigns to', (_, assignment) => {
  expect(carried(`var a; ${assignment}`)).toEqual(['a']);
  if (!assignment.includes('var')) expect(changing(`let a; ${assignment}`)).toEqual(['a']);
});

test.each([
  ['nothing', ''],
  ['the top level', 'a = 1; [a] = [2];'],
  ['one of the same name', 'function f() { let a; a = 1; } { let a; a = 1; } (a) => (a = 1);'],
  ['a member', 'if (isMain) { a.b = 1; [a.c] = []; }'],
  ['the compiler of an enum', '(function (a) { a[a.B = 0] = "B"; })(a || (a = {}));'],
  ['the compiler of a merged enum', '(function (a) {})(a || (a = {})); a ?? (a = {});'],
  ['the compiler of an exported enum', '(function (a) {})(a || (exports.a = a = {}));'],
  ['the part that is not skipped', '(a = 1) && b; (a = 1) ? b : c;'],
  ['the part in front of ?.', '(a = b)?.c; (a = b).c?.(d); e(a = 1)?.f;'],
  ['the compiler of an import', 'a = __importDefault(require("a"));'],
])('no var that %s assigns to', (_, assignment) => {
  expect(carried(`var a = 0; ${assignment}`)).toEqual([]);
  expect(changing(`let a = 0; ${assignment}`)).toEqual([]);
});

test('all behind a return by which workers leave the top level, but not before it', () => {
  const source =
    'var a = 1; const b = 1; let c = 1; RETURN; var d = 1; const e = 1; let f = 1; function g() {}';
  for (const leave of [
    'if (!isMain) return',
    'if (!mpi.isMain || x) { y(); return; }',
    'if (isMain) z(); else return',
    'if (require.main !== module) return',
    'return',
  ]) {
    const behind = source.replace('RETURN', leave);
    expect(carried(behind, 'commonjs')).toEqual(['c', 'd', 'e', 'f']);
    expect(changing(behind, 'commonjs')).toEqual(['d', 'e']);
  }
  for (const other of ['if (x) return', 'if (isMain) { if (x) return; }', 'if (isMain) return'])
    expect(carried(source.replace('RETURN', other), 'commonjs')).toEqual(['c', 'f']);
});

test('in sloppy code functions of blocks', () => {
  const source = 'if (x) { function a() {} } function b() { function c() {} } function d() {}';
  expect(carried(source, 'commonjs')).toEqual(['a']);
  expect(carried(`"use strict"; ${source}`, 'commonjs')).toEqual([]);
});

test('the top level of a wrapper of jest', () => {
  const source =
    '({"Object.<anonymous>":function(module,exports,require){let a; var b; const c = 1; function d() { b = 1; }}})';
  expect(carried(source, 'script')).toEqual(['a', 'b']);
});
