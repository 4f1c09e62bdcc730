import { EventEmitter } from 'node:events';
import { inspect } from 'node:util';
import { Functions, roundTrip } from './codec.js';
import { expectSame } from './same.js';

class Point {
  x: number;
  y: number;
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
  get length(): number {
    return Math.hypot(this.x, this.y);
  }
}
class Point3 extends Point {
  z = 3;
  self: unknown = this;
}
class Names extends Map<string, unknown> {
  title = 'names';
}
class Tags extends Set<unknown> {
  owner = { name: 'somebody' };
}
class Row extends Array<unknown> {
  label = 'row';
}
class Moment extends Date {
  zone = 'UTC';
}
class Pattern extends RegExp {
  hint = 'digits';
}
class Matrix extends Float64Array {
  rows = 2;
}
class Memory extends ArrayBuffer {
  kind = 'scratch';
}
class Text extends String {
  language = 'en';
}
class Shadowing {
  declare name: string;
  constructor() {
    Object.defineProperty(this, 'name', {
      value: 'own',
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  static {
    Object.defineProperty(this.prototype, 'name', {
      set: () => {
        throw new Error('a setter was called');
      },
      get: () => 'inherited',
    });
  }
}
class Tagged {
  value = 1;
  get [Symbol.toStringTag](): string {
    return `Tag ${this.value}`;
  }
}
class Station extends EventEmitter {
  frequency = 89.5;
}
class WithoutPrototypeChain {
  value = 1;
  static {
    Object.setPrototypeOf(this.prototype, null);
  }
}
function OldStyle(this: { value: number }): void {
  this.value = 1;
}
(OldStyle.prototype as object as { method: unknown }).method = (): number => 1;

class Counter {
  static made = 0;
  value = 5;
  constructor() {
    Counter.made++;
  }
}

const registered = Symbol.for('registered');
const shared = { shared: true };
const manyKeys = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`key ${i}`, i]));
const cycle: Record<string, unknown> = { name: 'cycle', list: [] };
cycle.self = cycle;
(cycle.list as unknown[]).push(cycle, new Map([[cycle, new Set([cycle])]]));

function build<T extends object>(object: T, edit: (object: T) => void): T {
  edit(object);
  return object;
}

function argumentsOf(...values: unknown[]): unknown {
  const collect = function (): unknown {
    // eslint-disable-next-line prefer-rest-params
    return arguments;
  } as (...values: unknown[]) => unknown;
  return collect(...values);
}

const values: Record<string, unknown> = {
  undefined: undefined,
  null: null,
  true: true,
  false: false,
  zero: 0,
  'minus zero': -0,
  NaN: NaN,
  infinities: [Infinity, -Infinity],
  'a fraction': 0.1,
  'the largest 31-bit number': 2 ** 30 - 1,
  'the smallest 31-bit number': -(2 ** 30),
  'just no 31-bit numbers': { a: 2 ** 30, b: -(2 ** 30) - 1 },
  '32-bit numbers': { a: 2 ** 31 - 1, b: -(2 ** 31), c: 2 ** 32 - 1 },
  'safe integers': { a: Number.MAX_SAFE_INTEGER, b: Number.MIN_SAFE_INTEGER },
  'the smallest numbers': { a: Number.MIN_VALUE, b: Number.EPSILON },
  bigints: [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, -(2n ** 63n) - 1n],
  'long bigints': [10n ** 100n, -(10n ** 300n)],
  'an empty text': '',
  'an ASCII text': 'hello',
  'a latin1 text': 'käse\x00\x7f\xff',
  'a wide text': '漢字 🎉',
  'lone surrogates': ['\ud800', '\udc00\ud800', 'x\udfffy'],
  'a byte order mark': '\ufefftext',
  'a long text': 'lorem ipsum '.repeat(10_000),
  'a long wide text': 'ação → '.repeat(10_000),
  'texts of many pages': Array.from({ length: 5000 }, (_, i) => `text ${i}`.repeat(i % 7)),
  'latin1 and wide pages': [
    'a'.repeat(20_000),
    '→'.repeat(20_000),
    'b'.repeat(3),
    '→',
    'c'.repeat(20_000),
  ],
  'texts that repeat': Array.from({ length: 500 }, (_, i) => `city ${i % 7}`),
  'empty texts among others': ['', 'a', '', 'b', ''],
  'well-known symbols': [Symbol.iterator, Symbol.asyncIterator, Symbol.toStringTag],
  'registered symbols': [registered, Symbol.for('')],
  'boxed primitives': [
    Object(1),
    Object('text'),
    Object(true),
    Object(10n),
    Object(-0),
    Object(registered),
  ],
  'a boxed text with properties': Object.assign(Object('abc') as object, { more: 1 }),
  dates: [new Date(0), new Date(8.64e15), new Date(-1), new Date(1.7e12)],
  'an invalid date': new Date(NaN),
  'regular expressions': [/a+/, /[/]\//giu, new RegExp(''), /\d{2}/dgimsy],
  'a regular expression in use': build(/a/g, (expression) => expression.exec('aaa')),
  'an empty map': new Map(),
  'a map': new Map<unknown, unknown>([
    [1, 'one'],
    ['two', 2],
    [null, undefined],
    [NaN, -0],
  ]),
  'a map of objects': new Map<unknown, unknown>([
    [shared, shared],
    [[], {}],
  ]),
  'a map in itself': build(new Map<unknown, unknown>(), (map) => map.set(map, map)),
  'a map with properties': Object.assign(new Map([[1, 2]]), { extra: 'yes' }),
  'an empty set': new Set(),
  'a set': new Set<unknown>([1, 'one', null, undefined, NaN, { a: 1 }]),
  'a set in itself': build(new Set<unknown>(), (set) => set.add(set)),
  'an empty array': [],
  integers: [1, 2, 3, -4],
  'large integers': [2 ** 31 - 1, -(2 ** 31), 0],
  'integers beyond 32 bits': [1, 2, 2 ** 31],
  fractions: [1.5, 2.5, NaN, Infinity],
  'minus zero among integers': [1, -0, 3],
  'a fraction behind integers': [...Array(5000).keys(), 0.5],
  'something else behind numbers': [...Array(5000).keys(), 'end'],
  'something else behind fractions': [0.5, ...Array(5000).keys(), null],
  'a mixed array': [1, 'a', null, undefined, true, {}, []],
  holes: [1, , 3, , ,], // eslint-disable-line no-sparse-arrays
  'holes only': new Array(10),
  'a hole in front': [, 1], // eslint-disable-line no-sparse-arrays
  'many holes only': new Array(5000),
  'a sparse array': build([] as number[], (array) => {
    array[5] = 1;
    array[999_999_999] = 2;
  }),
  'a long empty array': build([], (array) => {
    array.length = 1e9;
  }),
  'the longest array': build([] as unknown[], (array) => {
    array[2 ** 32 - 2] = 'end';
  }),
  'a sparse end': build([...Array(2000).keys()] as unknown[], (array) => {
    array[1e8] = shared;
    array[3] = shared;
  }),
  'an array with properties': Object.assign([1, 2], {
    name: 'list',
    '-1': 'no index',
    '01': 1,
    '4294967295': 2,
  }),
  'a long array with properties': Object.assign(Array.from({ length: 1000 }, String), {
    name: 'list',
  }),
  'an array with a symbol key': Object.assign([1], { [registered]: 1 }),
  'nested arrays': [[1, [2, [3, [4]]]], []],
  'a matrix': Array.from({ length: 50 }, (_, i) =>
    Array.from({ length: 50 }, (_, j) => i / (j + 1)),
  ),
  arguments: argumentsOf(1, 'two', shared),
  'empty arguments': argumentsOf(),
  'an empty object': {},
  'an object': { a: 1, b: 'two', c: [3], d: { e: null, f: undefined } },
  'keys in an order of their own': { b: 1, a: 2, 2: 'x', 1: 'y' },
  'odd keys': { '': 1, 'a b': 2, '\ud800': 3, ключ: 4, constructor: 5, length: 6, 漢: 7 },
  'the key __proto__': JSON.parse('{"__proto__":{"polluted":true},"a":1}'),
  'the key __proto__ alone': JSON.parse('[{"__proto__":null},{"a":1,"__proto__":2,"b":3}]'),
  'keys of Object.prototype': { toString: 1, hasOwnProperty: 2, valueOf: null },
  'keys of Symbol.for': { [registered]: 'kept', a: 1 },
  'well-known symbol keys': { [Symbol.toPrimitive]: 1, [Symbol.isConcatSpreadable]: true },
  'many keys': manyKeys,
  'many different shapes': Array.from({ length: 3000 }, (_, i) => ({
    [`a${i}`]: 1,
    [`b${i % 13}`]: i,
  })),
  'objects of one shape': Array.from({ length: 2000 }, (_, i) => ({
    id: i,
    name: `n${i}`,
    value: i / 3,
  })),
  'a null-prototype object': Object.assign(Object.create(null) as object, { a: 1, toString: 2 }),
  'an empty null-prototype object': Object.create(null),
  '__proto__ in a null-prototype object': build(
    Object.create(null) as Record<string, unknown>,
    (object) => {
      object.__proto__ = 1;
    },
  ),
  'shared objects': [shared, shared, { shared }],
  'a cycle': cycle,
  'an array in itself': build([] as unknown[], (array) => array.push(array)),
  'a frozen object': Object.freeze({ a: 1, b: [2] }),
  'an instance': new Point(3, 4),
  'an instance of a derived class': new Point3(1, 2),
  'instances in a row': [new Point(1, 2), new Point(3, 4), new Point3(5, 6), new Point(7, 8)],
  'an instance without properties': build(new Point(1, 2), (point) => {
    Reflect.deleteProperty(point, 'x');
    Reflect.deleteProperty(point, 'y');
  }),
  'an instance that shadows a setter': new Shadowing(),
  'an instance with a tag': new Tagged(),
  'an instance of a class that extends null': Object.assign(
    Object.create(WithoutPrototypeChain.prototype) as object,
    { value: 1 },
  ),
  'an instance with an inherited enumerable method': new (
    OldStyle as unknown as new () => object
  )(),
  'a class': Point,
  'classes and functions': { Point, max: Math.max, list: [Point, expectSame] },
  'a map of a class': build(new Names(), (map) => map.set('a', 1).set('self', map)),
  'a set of a class': new Tags([1, shared]),
  'an array of a class': build(new Row(), (row) => row.push(1, 'two', row)),
  'a date of a class': new Moment(12345),
  'a regular expression of a class': new Pattern('\\d+', 'g'),
  'a typed array of a class': new Matrix([1, 2, 3, 4]),
  'a long typed array of a class': new Matrix(1000).fill(0.5),
  'a buffer of a class': new Memory(16),
  'a text of a class': new Text('text'),
  'an EventEmitter of a class': new Station(),
  'a map with null prototype': Object.setPrototypeOf(new Map([[1, 2]]), null),
  'all typed arrays': [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
  ].map((type) => type.of(1, 2, 255)),
  'big typed arrays': [BigInt64Array.of(1n, -1n), BigUint64Array.of(1n, 2n ** 64n - 1n)],
  'empty views': [
    new Uint8Array(0),
    new Float64Array(0),
    new DataView(new ArrayBuffer(0)),
    Buffer.alloc(0),
  ],
  'a DataView': new DataView(Uint8Array.of(1, 2, 3, 4).buffer, 1, 2),
  ArrayBuffers: [
    new ArrayBuffer(0),
    Uint8Array.of(1, 2, 3).buffer,
    new Uint8Array(5000).fill(7).buffer,
  ],
  Buffers: [Buffer.from('abc'), Buffer.from(''), Buffer.alloc(10_000, 'x')],
  URLs: [new URL('https://user:secret@example.org:8080/a/b?c=d#e'), new URL('file:///tmp/a%20b')],
  URLSearchParams: new URLSearchParams([
    ['a', '1'],
    ['a', '2'],
    ['b c', '&='],
  ]),
  'well-known objects': { Math, JSON, process, globalThis, console },
  'a well-known object alone': Math,
};
if ('Float16Array' in globalThis) {
  const Float16Array = (globalThis as unknown as { Float16Array: typeof Float32Array })
    .Float16Array;
  values['a Float16Array'] = Float16Array.of(0.5, 1);
}

test('the table has at least 100 values', () => {
  expect(Object.keys(values).length).toBeGreaterThanOrEqual(100);
});

describe('what is encoded and decoded is as before:', () => {
  test.each(Object.keys(values))('%s', (name) => {
    expectSame(roundTrip(values[name]), values[name]);
  });

  test('all of them in one array', () => {
    const all = Object.values(values);
    expectSame(roundTrip(all), all);
  });

  test('all of them as keys and values of a map, a second time', () => {
    const all = new Map(Object.entries(values).map(([name, value]) => [value, { name, value }]));
    expectSame(roundTrip(roundTrip(all)), all);
  });
});

describe('as a structured clone does it,', () => {
  test('getters are read', () => {
    const value = roundTrip({
      get a() {
        return { b: 1 };
      },
    });
    expect(Object.getOwnPropertyDescriptor(value, 'a')).toMatchObject({ value: { b: 1 } });
  });

  test('the position in a regular expression is lost', () => {
    const expression = /a/g;
    expression.lastIndex = 5;
    expect(roundTrip(expression).lastIndex).toBe(0);
  });

  test('symbol keys of this process only and hidden properties are not sent', () => {
    const value = { [Symbol('here')]: 1, a: 1 };
    Object.defineProperty(value, 'hidden', { value: 1 });
    Object.defineProperty(value, registered, { value: 1 });
    expectSame(roundTrip(value), { a: 1 });
  });

  test('what is frozen arrives unfrozen', () => {
    expect(Object.isFrozen(roundTrip(Object.freeze([1])))).toBe(false);
  });
});

test('the constructor of an instance is not run', () => {
  const counters = [new Counter(), new Counter()];
  expectSame(roundTrip(counters), counters);
  expect(Counter.made).toBe(2);
});

test('nothing reaches Object.prototype', () => {
  const value = JSON.parse(
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
  ) as object;
  expectSame(roundTrip(value), value);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

test('inherited enumerable properties are not sent', () => {
  const prototype = Object.prototype as { inherited?: number };
  prototype.inherited = 1;
  try {
    const value = roundTrip({
      object: { a: 1 },
      array: [1, 'a'],
      point: new Point(1, 2),
      inherited: 2,
    });
    delete prototype.inherited;
    expectSame(value, { object: { a: 1 }, array: [1, 'a'], point: new Point(1, 2), inherited: 2 });
  } finally {
    delete prototype.inherited;
  }
});

test('the functions that a value names are listed', () => {
  const functions = new Functions();
  expect(roundTrip([inspect, Point, { Point }], functions)).toEqual([inspect, Point, { Point }]);
});

test('a buffer and a regular expression without prototype', () => {
  const buffer = Uint8Array.of(1, 2).buffer;
  const [received, pattern] = roundTrip([buffer, /a→b/gs].map(withoutPrototype)) as [
    ArrayBuffer,
    RegExp,
  ];
  expect([Object.getPrototypeOf(received), Object.getPrototypeOf(pattern)]).toEqual([null, null]);
  expect([...new Uint8Array(received)]).toEqual([1, 2]);
  Object.setPrototypeOf(pattern, RegExp.prototype);
  expect([pattern.source, pattern.flags]).toEqual(['a→b', 'gs']);
});

function withoutPrototype(object: object): unknown {
  return Object.setPrototypeOf(object, null);
}
