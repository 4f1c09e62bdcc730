import { testScripts } from './described_functions.js';

const jestParameters = 'module,exports,require,__dirname,__filename,jest';

testScripts({
  CommonJS: {
    format: 'commonjs',
    source: `#!/usr/bin/env node
const path = require('path');
let count = 0;
function hidden() { return ++count; }
module.exports = function named() { return hidden(); };
probe('module.exports', module.exports);
module.exports = { a() {}, b: () => path.sep, nested: { c: async () => {} }, hidden };
exports.x = () => require('os'); module.exports.y = class { static s() {} };
exports = module.exports = Object.assign(module.exports, exports);
exports.z = exports['other z'] = () => __dirname + __filename;
const local = module.exports.local = () => exports;
exports = module.exports.all = () => module.children;
exports.later = this.other = function () { return this; };
globalThis.leaked = () => 1;
undeclared = () => 2;
if (count === 0) { exports.inIf = () => count; }
(0, exports.comma = () => 1);
probe('hidden', hidden); probe('a', module.exports.a); probe('b', module.exports.b);
probe('c', module.exports.nested.c); probe('y', module.exports.y); probe('y.s', module.exports.y.s);
probe('z', module.exports.z); probe('local', local); probe('all', module.exports.all);
probe('later', exports.later); probe('leaked', leaked); probe('undeclared', undeclared);
probe('comma', exports.comma);
probe('this', () => this); probe('arguments', () => arguments); probe('new.target', () => new.target);
probe('own', function () { return () => [this, arguments, new.target]; });
probe('strict by itself', function () { 'use strict'; return this; });
probe('parameter', () => module.id + exports.x);
probe('sloppy', function () { with (path) return sep + 010; });
return;`
      .replace(
        "exports.x = () => require('os');",
        "exports.x = () => require('os'); probe('x', exports.x);",
      )
      .replace('() => count; }', "() => count; probe('in if', exports.inIf); }"),
    functions: {
      'module.exports': {
        path: ['module', 'exports'],
        ownName: 'named',
        module: 'hidden',
        flags: 'sloppy',
      },
      hidden: { path: ['hidden'], ownName: 'hidden', module: 'count', flags: 'sloppy' },
      a: { path: ['module', 'exports', 'a'], shape: 'method', flags: 'sloppy' },
      b: {
        path: ['module', 'exports', 'b'],
        module: 'path',
        members: { path: 'sep' },
        flags: 'sloppy',
      },
      c: { path: ['module', 'exports', 'nested', 'c'], flags: 'sloppy' },
      x: { path: ['exports', 'x'], globals: 'require', flags: 'sloppy' },
      y: { path: ['module', 'exports', 'y'], flags: 'sloppy' },
      'y.s': { path: ['module', 'exports', 'y', 's'], shape: 'method' },
      z: { path: ['exports', 'z'], globals: '__dirname __filename', flags: 'sloppy' },
      local: { path: ['local'], module: 'exports', flags: 'sloppy' },
      all: {
        path: ['module', 'exports', 'all'],
        module: 'module',
        members: { module: 'children' },
        flags: 'sloppy',
      },
      later: { path: ['exports', 'later'], flags: 'sloppy' },
      leaked: { flags: 'sloppy' },
      undeclared: { flags: 'sloppy' },
      'in if': { module: 'count', flags: 'sloppy' },
      comma: { flags: 'sloppy' },
      this: { bond: 'this', flags: 'sloppy' },
      arguments: { bond: 'arguments', flags: 'sloppy' },
      'new.target': { bond: 'new.target', flags: 'sloppy' },
      own: { flags: 'sloppy' },
      'strict by itself': { flags: 'sloppy' },
      parameter: {
        module: 'module exports',
        members: { module: 'id', exports: 'x' },
        flags: 'sloppy',
      },
      sloppy: { module: 'path', globals: 'sep', flags: 'sloppy' },
    },
  },

  'strict CommonJS': {
    format: 'commonjs',
    source: `'another directive'; 'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.work = work; function work() { return count; } { function count() {} }
exports.default = (x) => x; probe('work', work); probe('default', exports.default);`,
    functions: {
      work: { path: ['work'], ownName: 'work', globals: 'count' },
      default: { path: ['exports', 'default'] },
    },
  },

  "jest's wrapper": {
    format: 'script',
    options: { columnOffset: 40 },
    source: `({"Object.<anonymous>":function(${jestParameters}){/* istanbul */const cov_1 = () => ({ f: [0] });
const helper = (x) => x; function work(x) { cov_1().f[0]++; return helper(x); }
exports.x = function () { return jest; };
const test = (fn) => fn(); test(() => { const k = 2; probe('in test', () => k + helper(1)); });
probe('cov', cov_1); probe('helper', helper); probe('work', work); probe('x', exports.x);
probe('this', () => this); probe('arguments', () => arguments); probe('require', () => require(__filename));
}});`,
    functions: {
      cov: { path: ['cov_1'], flags: 'sloppy' },
      helper: { path: ['helper'], flags: 'sloppy' },
      work: { path: ['work'], ownName: 'work', module: 'cov_1 helper', flags: 'sloppy' },
      x: { path: ['exports', 'x'], module: 'jest', flags: 'sloppy' },
      'in test': { locals: 'k', module: 'helper', flags: 'sloppy' },
      this: { bond: 'this', flags: 'sloppy' },
      arguments: { bond: 'arguments', flags: 'sloppy' },
      require: { module: 'require __filename', flags: 'sloppy' },
    },
  },

  "vite-node's wrapper": {
    format: 'script',
    options: { columnOffset: -48 },
    source: `'use strict';async (__vi_import__,__vi_export__,__vi_meta__)=>{{const first = () => limit; let limit = 1;
function work() { return __vi_import__(first); } class K { static s() { return K } }
__vi_export__.added = () => this; { let inner; probe('in block', () => inner); }
probe('first', first); probe('work', work); probe('K.s', K.s); probe('added', __vi_export__.added);
}}`,
    functions: {
      first: { path: ['first'], module: 'limit' },
      work: { path: ['work'], ownName: 'work', module: '__vi_import__ first' },
      'K.s': { path: ['K', 's'], shape: 'method', module: 'K' },
      added: { path: ['__vi_export__', 'added'] },
      'in block': { locals: 'inner' },
    },
  },

  "vite's module runner": {
    format: 'script',
    source: `(async function anonymous(__vite_ssr_exports__,__vite_ssr_import__
) {
"use strict";const k = await 1; function work() { return k; } probe('work', work); probe('x', () => __vite_ssr_import__);
})`,
    functions: {
      work: { path: ['work'], ownName: 'work', module: 'k' },
      x: { module: '__vite_ssr_import__' },
    },
  },

  'a function that only looks like a wrapper': {
    format: 'script',
    source: `(function (module, b, c) { const k = 1; probe('closure', () => k + c); })`,
    functions: { closure: { locals: 'k c', flags: 'sloppy' } },
  },

  'a plain script': {
    format: 'script',
    options: { lineOffset: 7, columnOffset: 11 },
    source: `probe('first', () => limit); const limit = 5; function work() { return limit + module; } var f = () => this;
globalThis.later = async () => { const inner = await 1; probe('closure', () => inner + limit); };
probe('work', work); probe('f', f); probe('arguments', () => typeof arguments);
later().then(() => 'ended', () => 'failed');`,
    functions: {
      first: { module: 'limit', flags: 'sloppy' },
      work: {
        path: ['work'],
        ownName: 'work',
        module: 'limit',
        globals: 'module',
        flags: 'sloppy',
      },
      closure: { locals: 'inner', module: 'limit', flags: 'sloppy' },
      f: { path: ['f'], flags: 'sloppy' },
      arguments: { globals: 'arguments', flags: 'sloppy' },
    },
  },

  'what Function makes': {
    format: 'script',
    source: `probe('constructed', new Function('a', 'b = () => limit', 'return a + b'))`,
    functions: { constructed: { ownName: 'anonymous', globals: 'limit', flags: 'sloppy' } },
  },

  'what eval evaluates': {
    format: 'script',
    source: `{ const limit = 5; eval("probe('evaluated', (a) => a + limit)") }`,
    functions: { evaluated: { globals: 'limit', flags: 'sloppy' } },
  },

  'line ends of all kinds, wide characters and tabs': {
    format: 'module',
    source:
      "\uFEFFprobe('bom', () => k);\r\n\tprobe('crlf', () => k);\rprobe('cr', () => k);\nprobe('lf', () => k);" +
      "probe('\u{1F600}', () => k); /* \u2028 */ probe('ls', () => k); // \u2029 probe('ps', () => k);\n" +
      "var k = `\r\n\u2028`, \u00e9 = () => k; probe('accent', \u00e9); probe('same', () => () => k);\r\r\n\n" +
      "probe('around', () => probe('inside', () => k))(); probe('equal', () => k);",
    functions: {
      bom: { module: 'k' },
      crlf: { module: 'k' },
      cr: { module: 'k' },
      lf: { module: 'k' },
      '\u{1F600}': { module: 'k' },
      ls: { module: 'k' },
      ps: { module: 'k' },
      accent: { path: ['\u00e9'], module: 'k' },
      same: { module: 'k' },
      around: { module: 'k', globals: 'probe' },
      inside: { module: 'k' },
      equal: { module: 'k' },
    },
  },

  'minified code': {
    format: 'module',
    source: `let e=1;const t=()=>e,n=(e=>e)(t=>()=>e+t),r=[()=>e,()=>e,e=>()=>e];probe('t',t),probe('n',n(1)),probe('r0',r[0]),probe('r1',r[1]),probe('r2',r[2]),probe('r2()',r[2](1)),probe('twice',(()=>()=>0)()),probe('async',async e=>e),probe('asyncs',async(e)=>e),probe('f',function(){return(()=>t)()}),probe('m',{m(){return e}}.m),probe('c',class{constructor(e){this.e=e+t}}),probe('d',class{constructor(){}static m(){}}.m)`,
    functions: {
      t: { path: ['t'], module: 'e' },
      n: { locals: 't', module: 'e' },
      r0: { path: ['r', 0], module: 'e' },
      r1: { path: ['r', 1], module: 'e' },
      r2: { path: ['r', 2] },
      'r2()': { locals: 'e' },
      twice: {},
      async: {},
      asyncs: {},
      f: { module: 't' },
      m: { shape: 'method', module: 'e' },
      c: { module: 't' },
      d: { shape: 'method' },
    },
  },
});
