/**
 * Values of all kinds: [name, value, further checks of what has come back]. All of them must come back deeply and strictly
 * equal; those that cannot be compared so have `different` and their checks alone.
 */

const assert = require('node:assert/strict');
const classes = require('./classes.cjs');

const { Point, Point3, Stack, Registry, Tags, Day, Matrix, AppError, Counter, Node } = classes;
const different = Symbol('not compared');

const cyclic = { name: 'cyclic', list: [] };
cyclic.self = cyclic;
cyclic.list.push(cyclic, cyclic.list);

const shared = { shared: true };
const buffer = new ArrayBuffer(64);
const large = new ArrayBuffer(100_000);
const holes = [1, , 3, ,]; // eslint-disable-line no-sparse-arrays
const sparse = [];
sparse[1_000_000_000] = 'far';
const extra = Object.assign([1, 2], { name: 'extra' });
const error = new AppError('outer', { cause: new TypeError('inner', { cause: 'text' }) });
error.at = new Point(1, 2);
const handler = { name: 'handler', handle() { return this.name; } }; // prettier-ignore
handler.bound = handler.handle.bind(handler);
const parent = new Node();
new Node(parent);
let deep = null;
for (let i = 0; i < 20_000; i++) deep = { deep };

const instance = (Class) => (value) => {
  assert.ok(value instanceof Class);
};

module.exports = [
  ['undefined', undefined],
  ['null', null],
  ['true', true],
  ['false', false],
  ['zero', 0],
  ['minus zero', -0, (value) => assert.ok(Object.is(value, -0))],
  ['an integer', 2 ** 31],
  ['a large integer', Number.MAX_SAFE_INTEGER],
  ['a fraction', 0.1],
  ['the smallest number', Number.MIN_VALUE],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['minus Infinity', -Infinity],
  ['a bigint', 2n ** 63n - 1n],
  ['a negative bigint', -(2n ** 63n)],
  ['a huge bigint', 7n ** 1000n],
  ['an empty text', ''],
  ['a text', 'Zürich'],
  ['a text of all planes', '東京 🚀 \0 \u{10ffff}'],
  ['half a surrogate pair', '\ud800 and \udc00'],
  ['a long text', 'ü'.repeat(1_200_000)],
  ['a registered symbol', Symbol.for('mpi-futures test')],
  ['a well-known symbol', Symbol.iterator],
  ['an empty object', {}],
  ['an object', { a: 1, b: { c: [undefined, null] } }],
  ['an object without prototype', Object.assign(Object.create(null), { a: 1 })],
  ['an object with numbers as keys', { 2: 'two', 1: 'one', b: 0, '-1': 2 }],
  ['an object with a registered symbol as key', { [Symbol.for('key')]: 1 }],
  ['a key __proto__', JSON.parse('{"__proto__": {"polluted": true}, "a": 1}'), (value) => {
    assert.equal(value.polluted, undefined);
    assert.ok(Object.hasOwn(value, '__proto__'));
  }], // prettier-ignore
  ['a key constructor', { constructor: 1, prototype: 2 }],
  ['a key then', { then: 1 }],
  ['a getter', { get now() { return 7; } }, ({ now }) => assert.equal(now, 7)], // prettier-ignore
  ['an empty array', []],
  ['an array', [1, 'two', [3]]],
  ['an array of integers', Array.from({ length: 1000 }, (_, i) => i)],
  ['an array of doubles', Array.from({ length: 1000 }, (_, i) => i / 7)],
  ['an array with holes', holes, (value) => assert.ok(!(1 in value) && value.length === 4)],
  ['a sparse array', different, sparse, (value) => {
    assert.equal(value.length, 1_000_000_001);
    assert.deepEqual(Object.keys(value), ['1000000000']);
  }], // prettier-ignore
  ['an array with another property', extra, (value) => assert.equal(value.name, 'extra')],
  ['many rows', Array.from({ length: 2000 }, (_, id) => ({ id, name: `row ${id}`, ok: true }))],
  ['a cycle', cyclic, (value) => assert.equal(value.list[0], value)],
  ['an object twice', [shared, shared], ([first, second]) => assert.equal(first, second)],
  ['a long chain', different, deep, (value) => {
    let length = 0;
    for (let at = value; at !== null; at = at.deep) length++;
    assert.equal(length, 20_000);
  }], // prettier-ignore
  ['a date', new Date(1e12)],
  ['an invalid date', different, new Date(NaN), (value) => assert.ok(Number.isNaN(+value))],
  ['a regular expression', /a+(?<b>b)/giu],
  ['a map', new Map([['a', 1], [{ key: 1 }, new Map()]])], // prettier-ignore
  ['a set', new Set([1, 'a', { b: 1 }])],
  ['a map that contains itself', different, (() => { const map = new Map(); return map.set('me', map); })(), (value) => {
    assert.equal(value.get('me'), value);
  }], // prettier-ignore
  ['a boxed number', Object(1)],
  ['a boxed text', Object('boxed')],
  ['a boxed boolean', Object(false)],
  ['a boxed bigint', Object(1n)],
  ['a URL', new URL('https://example.org/a?b=c#d'), instance(URL)],
  ['URL parameters', new URLSearchParams('a=1&a=2'), ({ size }) => assert.equal(size, 2)],
  ['an ArrayBuffer', Uint8Array.of(1, 2, 3).buffer],
  ['a large ArrayBuffer', new Uint8Array(100_000).fill(7).buffer],
  ['an ArrayBuffer in an object', { inside: [new Uint8Array(5000).fill(1).buffer] }],
  ['a DataView', new DataView(Uint8Array.of(1, 2, 3, 4).buffer, 1, 2)],
  ['an Int8Array', Int8Array.of(-1, 2)],
  ['a Uint8ClampedArray', Uint8ClampedArray.of(300)],
  ['an Int16Array', Int16Array.of(-300)],
  ['a Uint32Array', new Uint32Array(5000).fill(4_000_000_000)],
  ['a Float32Array', Float32Array.of(0.5, NaN)],
  ['a Float64Array', Float64Array.from({ length: 10_000 }, (_, i) => i / 3)],
  ['a BigInt64Array', BigInt64Array.of(-1n)],
  ['a Buffer', Buffer.from('text'), (value) => assert.ok(Buffer.isBuffer(value))],
  ['a large Buffer', Buffer.alloc(100_000, 'x'), (value) => assert.ok(Buffer.isBuffer(value))],
  ['small views on one buffer', [new Uint8Array(buffer), new Uint16Array(buffer, 2, 4)], ([a, b]) => {
    assert.equal(a.buffer, b.buffer);
  }], // prettier-ignore
  [
    'large views on one buffer',
    [new Uint8Array(large), large],
    ([a, b]) => assert.equal(a.buffer, b),
  ],
  ['part of a large buffer', new Uint8Array(new ArrayBuffer(1e6), 500_000, 10), (value) => {
    assert.ok(value.buffer.byteLength < 1000);
  }], // prettier-ignore
  ['an error', error, (value) => {
    assert.ok(value instanceof AppError && value.cause instanceof TypeError);
    assert.ok(value.at instanceof Point);
    assert.equal(value.stack, error.stack);
  }], // prettier-ignore
  ['several errors', new AggregateError([new Error('one'), error], 'several'), ({ errors }) => {
    assert.ok(errors[1] instanceof AppError);
  }], // prettier-ignore
  ['a DOMException', different, new DOMException('stopped', 'AbortError'), (value) => {
    assert.ok(value instanceof DOMException && value.name === 'AbortError');
  }], // prettier-ignore
  ['an instance', new Point(3, 4), ({ length }) => assert.equal(length, 5)],
  ['an instance of a derived class', new Point3(1, 2, 3), instance(Point)],
  ['instances with cycles', parent, (value) => assert.equal(value.children[0].parent, value)],
  ['many instances', Array.from({ length: 1000 }, (_, i) => new Point(i, -i))],
  ['an array class', Stack.of(1, 2), (value) => assert.equal(value.top(), 2)],
  ['a map class', new Registry([['a', 1]]), ({ name }) => assert.equal(name, 'registry')],
  ['a set class', new Tags(['a']), instance(Tags)],
  ['a date class', new Day(0), (value) => assert.equal(value.name(), 'a day')],
  ['a typed array class', Matrix.of(1, 2, 3, 4), (value) => assert.equal(value.trace(), 5)],
  [
    'an instance that packs itself',
    different,
    new Counter(3),
    ({ count }) => assert.equal(count, 3),
  ],
  ['a function', Math.hypot, (value) => assert.equal(value, Math.hypot)],
  [
    'a function in an object',
    different,
    { f: (x) => x + shared.shared },
    ({ f }) => assert.equal(f(1), 2),
  ],
  ['a class', Point, (value) => assert.equal(value, Point)],
  ['a bound function', different, (a, b) => a - b, (value) => assert.equal(value(3, 1), 2)],
  ['an object with a function bound to it', different, handler, (value) => {
    assert.equal(value.bound(), 'handler');
    value.name = 'other';
    assert.equal(value.bound(), 'other');
  }], // prettier-ignore
  ['Math', Math, (value) => assert.equal(value, Math)],
  ['process', process, (value) => assert.equal(value, process)],
].map(([name, ...rest]) => {
  const compared = rest[0] !== different;
  const [value, verify] = compared ? rest : rest.slice(1);
  return { name, value, compared, verify };
});

module.exports.refused = [
  ['a promise', Promise.resolve(), /Promise/],
  ['a WeakMap', new WeakMap(), /WeakMap/],
  ['a WeakRef', new WeakRef({}), /WeakRef/],
  ['a symbol', Symbol('own'), /Symbol\(own\)/],
  ['a proxy', new Proxy({}, {}), /Proxy/],
  ['Headers', new Headers({ a: 'b' }), /Headers/],
  ['a Blob', new Blob(['a']), /Blob/],
  ['a generator', (function* () {})(), /Generator/],
  ['a SharedArrayBuffer', new SharedArrayBuffer(8), /SharedArrayBuffer/],
  ['a class with private members', new classes.Secret(), /Secret/],
  ['a socket', new (require('node:net').Socket)(), /Socket/],
  ['a throwing getter', { get bad() { throw new Error('no'); } }, /bad/], // prettier-ignore
].map(([name, value, message]) => ({ name, value, message }));
