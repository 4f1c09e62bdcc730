import { testScripts } from './described_functions.js';

testScripts({
  'declarations and exports of an ES module': {
    format: 'module',
    source: `#!/usr/bin/env node
import { readFileSync as read } from 'node:fs';
import * as path from 'node:path';
import fs from 'node:fs';
const scale = 3;
export function exported(x) { return x * scale; }
function hidden(x) { return exported(x) + Math.abs(x); }
async function waits() { return await read; }
function* counts() { yield* path.sep; }
async function* streams() { for await (const x of fs) yield x; }
function renamed() {}
function fact(n) { return n < 2 ? 1 : n * fact(n - 1); }
export { renamed as other, renamed as third };
export const arrow = (x) => path.join(x, path.sep), second = async () => path['resolve']();
const named = function inner(n) { return n && inner(n - 1); };
let changed = () => 1;
changed = () => 2;
let late;
late = function () { return late; };
export default class { m() { return this; } static s = () => arrow; }
export const { x, ...rest } = { x: () => 1 };
const wrapped = ((f) => f)(() => scale);
var one = () => 1, two = () => 1; const three = () => 1;
probe('exported', exported); probe('hidden', hidden); probe('waits', waits); probe('counts', counts);
probe('streams', streams); probe('renamed', renamed); probe('fact', fact); probe('arrow', arrow);
probe('second', second); probe('named', named); probe('changed', changed); probe('late', late);
probe('x', x); probe('wrapped', wrapped); probe('one', one); probe('two', two); probe('three', three);
import(import.meta.url).then((self) => {
  probe('default', self.default); probe('default m', self.default.prototype.m); probe('default s', self.default.s);
});
probe('inline', (x) => x * scale);`,
    functions: {
      exported: {
        path: ['exported'],
        exportedAs: 'exported',
        ownName: 'exported',
        module: 'scale',
      },
      hidden: { path: ['hidden'], ownName: 'hidden', module: 'exported', globals: 'Math' },
      waits: { path: ['waits'], ownName: 'waits', module: 'read' },
      counts: { path: ['counts'], ownName: 'counts', module: 'path', members: { path: 'sep' } },
      streams: { path: ['streams'], ownName: 'streams', module: 'fs' },
      renamed: { path: ['renamed'], exportedAs: 'other', ownName: 'renamed' },
      fact: { path: ['fact'], ownName: 'fact', module: 'fact' },
      arrow: {
        path: ['arrow'],
        exportedAs: 'arrow',
        module: 'path',
        members: { path: 'join sep' },
      },
      second: {
        path: ['second'],
        exportedAs: 'second',
        module: 'path',
        members: { path: 'resolve' },
      },
      named: { path: ['named'], ownName: 'inner' },
      changed: { path: ['changed'] },
      late: { path: ['late'], module: 'late' },
      x: {},
      wrapped: { module: 'scale' },
      one: { path: ['one'] },
      two: { path: ['two'] },
      three: { path: ['three'] },
      default: { path: ['*default*'], exportedAs: 'default', module: 'arrow' },
      'default m': {
        path: ['*default*', 'prototype', 'm'],
        exportedAs: 'default',
        shape: 'method',
      },
      'default s': { path: ['*default*', 's'], exportedAs: 'default', module: 'arrow' },
      inline: { module: 'scale' },
    },
  },

  'default exports': {
    format: 'module',
    source: `export default { run() { return this; }, list: [1, () => 2] };
import(import.meta.url).then(({ default: api }) => {
  probe('run', api.run); probe('in list', api.list[1]);
});`,
    functions: {
      run: { path: ['*default*', 'run'], exportedAs: 'default', shape: 'method' },
      'in list': { path: ['*default*', 'list', 1], exportedAs: 'default' },
    },
  },

  'a default export with a name': {
    format: 'module',
    source: `export default function work() {} probe('work', work);
export { join as borrowed } from 'node:path'; function join() {} probe('join', join);
export var variable = () => 1; probe('variable', variable); variable.member = () => 2; probe('member', variable.member);
const other = () => work; export { other as 'other name' }; probe('other', other);`,
    functions: {
      work: { path: ['work'], exportedAs: 'default', ownName: 'work' },
      other: { path: ['other'], exportedAs: 'other name', module: 'work' },
      join: { path: ['join'], ownName: 'join' },
      variable: { path: ['variable'], exportedAs: 'variable' },
      member: { path: ['variable', 'member'], exportedAs: 'variable' },
    },
  },

  'a name that is the default export': {
    format: 'module',
    source: `const work = () => 1; export default work; export { work }; probe('work', work);`,
    functions: { work: { path: ['work'], exportedAs: 'default' } },
  },

  'objects, arrays and assignments': {
    format: 'module',
    source: `const extra = {};
export const api = {
  method() { return api.nested; },
  async later() {}, *many() {}, async *stream() {},
  arrow: () => extra, fn: function () {}, nested: { sub: (x) => x, 'a b': function own() {} },
  ['lit']() {}, ['a' + 1]() {}, [extra]: () => 1, 5: () => 5, \`t\`: undefined,
  get got() { return extra; }, set got(value) {}, ...extra, after() {}, Inner: class { m() {} },
};
const handlers = [() => 0, function one() {}, { deep() {} }, , ...[], () => 'spread'];
api.added = function () { return extra; };
api['literal'] = () => 1;
api.nested.far = async () => {};
api[extra] = () => 2;
undeclared.member = () => 3;
api.first = api.second = () => 4;
api.logical ||= () => 5;
(api.parens) = ((() => 6));
probe('method', api.method); probe('later', api.later); probe('many', api.many); probe('stream', api.stream);
probe('arrow', api.arrow); probe('fn', api.fn); probe('sub', api.nested.sub); probe('a b', api.nested['a b']);
probe('lit', api.lit); probe('computed', api.a1); probe('5', api[5]); probe('after', api.after);
probe('getter', Object.getOwnPropertyDescriptor(api, 'got').get);
probe('setter', Object.getOwnPropertyDescriptor(api, 'got').set);
probe('Inner', api.Inner); probe('Inner.m', api.Inner.prototype.m);
probe('handler 0', handlers[0]); probe('handler 1', handlers[1]); probe('handler 2', handlers[2].deep);
probe('after spread', handlers[4]); probe('added', api.added); probe('literal', api.literal);
probe('far', api.nested.far); probe('unknown key', api[extra]); probe('undeclared', undeclared.member);
probe('first', api.first); probe('logical', api.logical); probe('parens', api.parens);`
      .replace(', `t`: undefined', '')
      .replace('undeclared.member', 'globalThis.undeclared = {};\nundeclared.member'),
    functions: {
      method: {
        path: ['api', 'method'],
        exportedAs: 'api',
        shape: 'method',
        module: 'api',
        members: { api: 'nested' },
      },
      later: { path: ['api', 'later'], exportedAs: 'api', shape: 'method' },
      many: { path: ['api', 'many'], exportedAs: 'api', shape: 'method' },
      stream: { path: ['api', 'stream'], exportedAs: 'api', shape: 'method' },
      arrow: { path: ['api', 'arrow'], exportedAs: 'api', module: 'extra' },
      fn: { path: ['api', 'fn'], exportedAs: 'api' },
      sub: { path: ['api', 'nested', 'sub'], exportedAs: 'api' },
      'a b': { path: ['api', 'nested', 'a b'], exportedAs: 'api', ownName: 'own' },
      lit: { path: ['api', 'lit'], exportedAs: 'api', shape: 'method' },
      computed: { shape: 'method' },
      5: { path: ['api', '5'], exportedAs: 'api' },
      after: { path: ['api', 'after'], exportedAs: 'api', shape: 'method' },
      getter: { shape: 'getter', module: 'extra' },
      setter: { shape: 'setter' },
      Inner: { path: ['api', 'Inner'], exportedAs: 'api' },
      'Inner.m': { path: ['api', 'Inner', 'prototype', 'm'], exportedAs: 'api', shape: 'method' },
      'handler 0': { path: ['handlers', 0] },
      'handler 1': { path: ['handlers', 1], ownName: 'one' },
      'handler 2': { path: ['handlers', 2, 'deep'], shape: 'method' },
      'after spread': {},
      added: { path: ['api', 'added'], exportedAs: 'api', module: 'extra' },
      literal: { path: ['api', 'literal'], exportedAs: 'api' },
      far: { path: ['api', 'nested', 'far'], exportedAs: 'api' },
      'unknown key': {},
      undeclared: {},
      first: { path: ['api', 'first'], exportedAs: 'api' },
      logical: {},
      parens: { path: ['api', 'parens'], exportedAs: 'api' },
    },
  },

  classes: {
    format: 'module',
    source: `const key = 'k'; const base = { Base: class { inherited() {} } };
class K extends base.Base {
  #secret = 1; static #count = 0; field = () => this.#secret; static plain = (a) => a;
  static owner = () => this.name; static nested = { deep: () => 1 };
  constructor(a) { super(); this.a = a; }
  m() { return K.s() + this.a; }
  async later() { return this.#secret; } *many() { yield key; } async *stream() {}
  static s() { return 1; } static async t() {} static *u() {}
  up() { return super.inherited(); } has(o) { return #secret in o; }
  get got() { return 1; } set got(v) {} static get statically() { return key; }
  [key]() {} ['lit']() {} static ['at' + key]() {} 'quoted name'() {} 7() {}
  #hidden() { return this.#hidden; } hidden() { return this.#hidden; }
  arrows() { return [() => this, () => arguments, () => new.target, () => super.inherited, () => 1]; }
  static { probe('in static block', () => this); probe('free in static block', () => key); }
}
K.prototype.added = function () { return K; };
const Expr = class Named { m() { return Named; } static s() { return new Named(); } };
const Plain = class { static constant = 1; };
const descriptor = (of, name, kind) => Object.getOwnPropertyDescriptor(of, name)[kind];
const k = new K(1), [self, args, target, parent, free] = k.arrows(2);
probe('K', K); probe('Base', base.Base); probe('m', k.m); probe('later', k.later); probe('many', k.many);
probe('stream', k.stream); probe('s', K.s); probe('t', K.t); probe('u', K.u); probe('up', k.up); probe('has', k.has);
probe('getter', descriptor(K.prototype, 'got', 'get')); probe('setter', descriptor(K.prototype, 'got', 'set'));
probe('static getter', descriptor(K, 'statically', 'get')); probe('[key]', k.k); probe('lit', k.lit);
probe('static computed', K.atk); probe('quoted', k['quoted name']); probe('7', k[7]);
probe('#hidden', k.hidden()); probe('arrow this', self); probe('arrow arguments', args);
probe('arrow new.target', target); probe('arrow super', parent); probe('arrow free', free);
probe('field', k.field); probe('plain', K.plain); probe('owner', K.owner); probe('deep', K.nested.deep);
probe('added', k.added); probe('Expr', Expr); probe('Expr.m', Expr.prototype.m); probe('Expr.s', Expr.s);
probe('Plain', Plain);`,
    functions: {
      K: {
        path: ['K'],
        ownName: 'K',
        module: 'base key',
        globals: 'probe',
        flags: '#',
        members: { base: 'Base' },
      },
      Base: { path: ['base', 'Base'] },
      m: { path: ['K', 'prototype', 'm'], shape: 'method', module: 'K', members: { K: 's' } },
      later: { path: ['K', 'prototype', 'later'], shape: 'method', bond: '#secret' },
      many: { path: ['K', 'prototype', 'many'], shape: 'method', module: 'key' },
      stream: { path: ['K', 'prototype', 'stream'], shape: 'method' },
      s: { path: ['K', 's'], shape: 'method' },
      t: { path: ['K', 't'], shape: 'method' },
      u: { path: ['K', 'u'], shape: 'method' },
      up: { path: ['K', 'prototype', 'up'], shape: 'method', bond: 'super' },
      has: { path: ['K', 'prototype', 'has'], shape: 'method', bond: '#secret' },
      getter: { shape: 'getter' },
      setter: { shape: 'setter' },
      'static getter': { shape: 'getter', module: 'key' },
      '[key]': { shape: 'method', module: 'key' },
      lit: { path: ['K', 'prototype', 'lit'], shape: 'method' },
      'static computed': { shape: 'method', module: 'key' },
      quoted: { path: ['K', 'prototype', 'quoted name'], shape: 'method' },
      7: { path: ['K', 'prototype', '7'], shape: 'method' },
      '#hidden': { shape: 'private method', bond: '#hidden' },
      'arrow this': { bond: 'this' },
      'arrow arguments': { bond: 'arguments' },
      'arrow new.target': { bond: 'new.target' },
      'arrow super': { bond: 'super' },
      'arrow free': {},
      'in static block': { bond: 'this' },
      'free in static block': { module: 'key' },
      field: { bond: 'this' },
      plain: { path: ['K', 'plain'] },
      owner: { path: ['K', 'owner'], bond: 'this' },
      deep: { path: ['K', 'nested', 'deep'] },
      added: { path: ['K', 'prototype', 'added'], module: 'K' },
      Expr: { path: ['Expr'], ownName: 'Named' },
      'Expr.m': { path: ['Expr', 'prototype', 'm'], shape: 'method', locals: 'Named' },
      'Expr.s': { path: ['Expr', 's'], shape: 'method', locals: 'Named' },
      Plain: { path: ['Plain'] },
    },
  },

  'what belongs to the module and what to a function': {
    format: 'module',
    source: `import data from 'node:os' with {}; const top = 1;
const self = () => this; const meta = () => import.meta.url; const load = (x) => import(x);
const direct = () => eval('top'); const indirect = () => eval?.('top') + (0, eval)('1') + globalThis.eval('2');
const shadowed = (eval_) => eval_('top'); const own = function () { return () => [this, arguments, new.target]; };
const object = { m() { return super.x; }, n() { return { o() { return super.p; } }; } };
const Own = class { #x = 1; m() { return new (class extends Own { n() { return super.m(); } })().#x; } };
const Outer = class { #x; inner() { return class { static y(o) { return o.#x; } }; } };
const makes = async () => { probe('awaits', class { static [await 'k'] = 1; }); };
function* generates() { probe('yields', { [yield 'k']() {} }.undefined); }
const notHarmless = { ['key' + [() => this].length]: () => this };
probe('self', self); probe('meta', meta); probe('load', load); probe('direct', direct); probe('indirect', indirect);
probe('shadowed', shadowed); probe('own', own); probe('super', object.m); probe('own super', object.n);
probe('Own', Own); probe('Own.m', Own.prototype.m); probe('Outer', Outer); probe('nested class', new Outer().inner());
await makes(); const g = generates(); g.next(); g.next();
probe('top await', class { static [await 'k'] = data; });
probe('await inside', async () => { await top; for await (const x of []); });
probe('initialiser', class { static f = this; g = () => this; static h = new.target; });
probe('tag', () => String.raw\`\${top}\`); probe('regular expression', () => /(?<y>\\d)[\\p{L}]/u.exec(top));
probe('this in extends', class extends (() => this ?? Object)() {});`,
    functions: {
      self: { path: ['self'] },
      meta: { path: ['meta'], flags: 'import.meta' },
      load: { path: ['load'], flags: 'import()' },
      direct: { path: ['direct'], globals: 'eval', flags: 'eval' },
      indirect: { path: ['indirect'], globals: 'eval globalThis' },
      shadowed: { path: ['shadowed'] },
      own: { path: ['own'] },
      super: { path: ['object', 'm'], shape: 'method', bond: 'super' },
      'own super': { path: ['object', 'n'], shape: 'method' },
      Own: { path: ['Own'], module: 'Own', flags: '#' },
      'Own.m': { path: ['Own', 'prototype', 'm'], shape: 'method', module: 'Own', bond: '#x' },
      Outer: { path: ['Outer'], flags: '#' },
      'nested class': { bond: '#x' },
      awaits: { bond: 'await' },
      yields: { shape: 'method', bond: 'yield' },
      'top await': { module: 'data', bond: 'await' },
      'await inside': { module: 'top' },
      initialiser: {},
      tag: { module: 'top', globals: 'String' },
      'regular expression': { module: 'top' },
      'this in extends': { globals: 'Object' },
    },
  },
});
