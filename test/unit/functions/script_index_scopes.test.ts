import { testScripts } from './described_functions.js';

testScripts({
  'names inside a function': {
    format: 'module',
    source: `const a = 1, b = 2, c = 3, d = 4;
probe('var in blocks', () => { if (a) { var b; for (var c of []) { try { var d; } finally {} } } return [b, c, d]; });
probe('let in blocks', () => { { let a; const b = a; class c {} function d() {} } return [a, b, c, d]; });
probe('loops', () => { for (let a = 0; a < b; a++) {} for (const c of a) {} for (const d in c) {} return d; });
probe('loop over itself', () => { for (const a of a) {} });
probe('switch', () => { switch (a) { case b: let a; default: a; } return c; });
probe('catch', () => { try { a(); } catch ({ b, x: [c = d] }) { b(c); } });
probe('catch without binding', () => { try { a(); } catch { b(); } });
probe('catch names', () => { try {} catch (a) { var a = 1; } return a; });
probe('labels', () => { a: for (;;) { b: for (;;) { continue a; break b; } } });
probe('keys', () => ({ a: 1, b() {}, get c() { return 1; }, [d]: 1 }));
probe('shorthand', () => ({ a, ...b }));
probe('member names', (x) => x.a.b?.c[d]);
probe('destructuring', ({ a, x: { b = 1 }, ...c }, [d, , ...e]) => [a, b, c, d, e]);
probe('defaults', ({ x = a, [b]: y } = c, [z = d] = []) => [x, y, z]);
probe('default sees parameters', (a, x = a, y = () => b, z = x) => { var b; return [x, y, z]; });
probe('default sees no body', function (x = a) { var a = 1; let b = x; return a + b; });
probe('named expression', function a() { return a + b; });
probe('class names', () => { class a extends b { m() { return a; } } const x = class c {}; return [a, c, x]; });
probe('class extends itself', () => class a extends (a ?? b) {});
probe('class keys', class { [a] = b; static [c]() { return d; } });
probe('class fields', class { a = b; static c = () => d; 'd' = this.a; });
probe('static block', class { static { var a = b; let c = a; function d() {} d(c); } static x = d; });
probe('arguments', function () { return [arguments, () => arguments]; });
probe('template', () => \`\${a}\${(b) => b}\`);
probe('chain', () => a?.[b]?.(c).d);
probe('assigns', () => { [a.x, b[c]] = d; });
probe('new', () => new a(...b, new.target));
probe('sequence', () => (a, b, c));
probe('hoisted function', () => { return f(); function f() { return a; } });
probe('inner functions', () => { const f = (a) => (b) => [a, b, c]; return f; });
probe('undefined', () => [undefined, NaN, globalThis]);
probe('generator', function* () { const a = yield b; yield* c; });
probe('async generator', async function* () { for await (const a of b) yield await c; });
probe('private static', class a { static #b = 1; static #c() {} m() { return a.#c(a.#b); } });
probe('private static state', class a { static #b = new WeakMap(); c() { return a.#b.get(this); } });
probe('private', class a { #b = 1; static #c() {} m(d) { return #b in d && a.#c() + this.#b; } });
probe('imports', async () => (await import(a, { with: b })).c);`.replace(
      'new a(...b, new.target)',
      'new a(...b)',
    ),
    functions: {
      'var in blocks': { module: 'a' },
      'let in blocks': { module: 'a b c d' },
      loops: { module: 'b a c d' },
      'loop over itself': {},
      switch: { module: 'a b c' },
      catch: { module: 'a d' },
      'catch without binding': { module: 'a b' },
      'catch names': {},
      labels: {},
      keys: { module: 'd' },
      shorthand: { module: 'a b' },
      'member names': { module: 'd' },
      destructuring: {},
      defaults: { module: 'a b c d' },
      'default sees parameters': { module: 'b' },
      'default sees no body': { module: 'a' },
      'named expression': { ownName: 'a', module: 'b' },
      'class names': { module: 'b c' },
      'class extends itself': { module: 'b' },
      'class keys': { module: 'a b c d' },
      'class fields': { module: 'b d' },
      'static block': { module: 'b d' },
      arguments: {},
      template: { module: 'a' },
      chain: { module: 'a b c' },
      assigns: { module: 'a b c d' },
      new: { module: 'a b' },
      sequence: { module: 'a b c' },
      'hoisted function': { module: 'a' },
      'inner functions': { module: 'c' },
      undefined: { globals: 'undefined NaN globalThis' },
      generator: { module: 'b c' },
      'async generator': { module: 'b c' },
      'private static': { ownName: 'a' },
      'private static state': { globals: 'WeakMap', ownName: 'a', flags: '#' },
      private: { ownName: 'a', flags: '#' },
      imports: { module: 'a b', flags: 'import()' },
    },
  },

  'what surrounds a function': {
    format: 'module',
    source: `const k = 0; let fromBlock;
function make(parameter, { taken } = {}, ...rest) {
  var hoisted; const fixed = 1;
  function declared() { return declared; }
  class Local { m() { return Local; } static make = () => parameter; }
  probe('all kinds', () => [parameter, taken, rest, hoisted, fixed, declared, Local, make, k, late, Math]);
  probe('declared', declared); probe('Local', Local); probe('Local.m', Local.prototype.m);
  probe('Local.make', Local.make);
  const object = { m() { return object; } }; probe('m', object.m);
  if (k === 0) { var late; let inBlock = 1; probe('in block', () => inBlock + late); }
  for (let i = 0; i < 1; i++) probe('loop', () => i + k);
  for (const [key] of ['x']) probe('loop over', () => key);
  try { throw 1; } catch (error) { probe('catch', () => error); }
  switch (1) { case 1: let inCase = 1; probe('case', () => inCase); }
  (function recursive(n) { probe('recursive', () => recursive(n)); })(1);
  return (x) => { probe('inner', (y) => x + y + parameter); };
}
make()();
{ let blocked = 1; const inBlock = () => blocked; probe('block', inBlock); fromBlock = () => inBlock; probe('assigned', fromBlock); }
if (k === 0) { function inIf() { return k; } probe('if', inIf); }
try { const tried = 1; probe('try', () => tried); } finally {}
for (const each of [1]) probe('for', () => each);
const K = class Expression { static s = class { m() { return Expression; } }; }; probe('class name', K.s.prototype.m);
probe('shadowed', ((k) => () => k)(1)); const object = { own: ((own) => () => own)(1) }; probe('called', object.own);
class Top { m() { return () => Top; } } probe('class from outside', new Top().m());`,
    functions: {
      'all kinds': {
        locals: 'parameter taken rest hoisted fixed declared Local late',
        module: 'make k',
        globals: 'Math',
      },
      declared: { ownName: 'declared', locals: 'declared' },
      Local: { ownName: 'Local', locals: 'parameter' },
      'Local.m': { shape: 'method', locals: 'Local' },
      'Local.make': { locals: 'parameter' },
      m: { shape: 'method', locals: 'object' },
      'in block': { locals: 'inBlock late' },
      loop: { locals: 'i', module: 'k' },
      'loop over': { locals: 'key' },
      catch: { locals: 'error' },
      case: { locals: 'inCase' },
      recursive: { locals: 'recursive n' },
      inner: { locals: 'x parameter' },
      block: { locals: 'blocked' },
      assigned: { locals: 'inBlock' },
      if: { ownName: 'inIf', module: 'k' },
      try: { locals: 'tried' },
      for: { locals: 'each' },
      'class name': { path: ['K', 's', 'prototype', 'm'], shape: 'method', locals: 'Expression' },
      shadowed: { locals: 'k' },
      called: { locals: 'own' },
      'class from outside': { module: 'Top' },
    },
  },

  'sloppy functions in blocks': {
    format: 'commonjs',
    source: `{ function top() {} } probe('of the top level', () => top);
probe('block', function () { { function f() {} } return f; });
probe('if', function () { if (1) function f() {} else function g() {} return f ?? g; });
probe('switch', function () { switch (1) { case 1: function f() {} } return f; });
probe('nested', function () { try { while (true) { function f() {} break; } } finally {} return f; });
probe('let between', function () { { let f; { function f() {} } } return f; });
probe('loop between', function () { for (let f of []) { function f() {} } return f; });
probe('catch between', function () { try {} catch (f) { { function f() {} } } return f; });
probe('pattern between', function () { try {} catch ({ f }) { { function f() {} } } return f; });
probe('async', function () { { async function f() {} function* g() {} } return [f, g]; });
probe('strict', function () { 'use strict'; { function f() {} } return f; });
probe('class', class { m() { { function f() {} } return f; } });
probe('strict around', (() => { 'use strict'; return () => { { function f() {} } return f; }; })());
probe('arguments variable', (function () { var arguments = 1; return () => arguments; })());
probe('arguments parameter', ((arguments) => () => arguments)(1));
probe('labelled', function () { f: function g() {} return [f, g]; });
probe('let as name', function () { var let_, async, of, get, yield_; return [async, of, get]; });`,
    functions: {
      'of the top level': { module: 'top', flags: 'sloppy' },
      block: { flags: 'sloppy' },
      if: { flags: 'sloppy' },
      switch: { flags: 'sloppy' },
      nested: { flags: 'sloppy' },
      'let between': { globals: 'f', flags: 'sloppy' },
      'loop between': { globals: 'f', flags: 'sloppy' },
      'catch between': { flags: 'sloppy' },
      'pattern between': { globals: 'f', flags: 'sloppy' },
      async: { globals: 'f g', flags: 'sloppy' },
      strict: { globals: 'f', flags: 'sloppy' },
      class: { globals: 'f', flags: 'sloppy' },
      'strict around': { globals: 'f' },
      'arguments variable': { locals: 'arguments', flags: 'sloppy' },
      'arguments parameter': { locals: 'arguments', flags: 'sloppy' },
      labelled: { globals: 'f', flags: 'sloppy' },
      'let as name': { flags: 'sloppy' },
    },
  },
});
