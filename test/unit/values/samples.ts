/** Values of every kind, in every form in which a kind is written: as they are, of a class, without prototype, with more. */

import vm from 'node:vm';
import { pack, unpack } from '../../../lib/values/pack.js';
import { Functions } from './codec.js';

export class Point {
  x = 1;
  y = 'two';
}
class Packed {
  [pack](): unknown {
    return { list: [1, 'x'], point: new Point() };
  }
  static [unpack](): Packed {
    return new Packed();
  }
}
class Names extends Map<unknown, unknown> {
  title = 'names';
}
class Tags extends Set<unknown> {
  title = 'tags';
}
class List extends Array<unknown> {
  title = 'list';
}
class Day extends Date {
  title = 'day';
}
class Pattern extends RegExp {
  title = 'pattern';
}
class Grid extends Float64Array {
  title = 'grid';
}
class Bytes extends ArrayBuffer {
  title = 'bytes';
}
class Page extends URL {
  title = 'page';
}
class Query extends URLSearchParams {
  title = 'query';
}
class HttpError extends RangeError {
  status = 404;
}
class SecretError extends TypeError {
  #key = 1;
  get key(): number {
    return this.#key;
  }
}
class Cancelled extends DOMException {
  extra = 1;
}
class OwnText extends String {
  title = 'text';
}

/** The functions of {@link samples}, as the codec asks for them. */
export const functions = new Functions();

const captures = functions.closure(
  () => 1,
  { a: 1, b: { c: 'x' } },
  () => ({ fn: () => 1, assign: () => undefined }),
);
const registered = Symbol.for('registered');
const shared = { shared: [1, 2, 3] };
const cyclic: unknown[] = [1];
cyclic.push(cyclic, { cyclic });

/** Where an error was made is the same wherever the tests run. */
function at<T extends Error>(error: T): T {
  const stack = `${error.name}: ${error.message}\n    at somewhere:1:1`;
  return Object.defineProperty(error, 'stack', { value: stack });
}

function without<T extends object>(object: T): T {
  return Object.setPrototypeOf(object, null) as T;
}

function withMore<T extends object>(object: T): T {
  return Object.assign(object, { more: [1], [registered]: 'kept' });
}

// eslint-disable-next-line @typescript-eslint/no-unused-vars -- they are in `arguments`
function argumentsOf(..._: unknown[]): object {
  // eslint-disable-next-line prefer-rest-params -- it is to be such an object
  return arguments;
}

function resizable(): unknown {
  const type = ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer;
  const buffer = new type(16, { maxByteLength: 64 });
  return [buffer, new Uint8Array(buffer), new Uint8Array(buffer, 1, 2)];
}

export const samples: Readonly<Record<string, unknown>> = {
  'a small object': {
    id: 7,
    name: 'a small object',
    value: 0.5,
    active: true,
    nested: { list: [1, 'x', null] },
  },
  rows: Array.from({ length: 20 }, (_, index) => ({
    id: index,
    name: `row ${index % 3}`,
    value: index / 3,
  })),
  arrays: [
    Array.from({ length: 50 }, (_, i) => i),
    Array.from({ length: 50 }, (_, i) => i / 7),
    // eslint-disable-next-line no-sparse-arrays
    [1, , 'x'],
  ],
  'a sparse array': Object.assign([], { 5: 1, 1000: 2, 999_999: shared, extra: 'x' }),
  'maps and sets': new Map<unknown, unknown>([
    [1, new Set(['a', shared])],
    [shared, new Names([[1, 2]])],
  ]),
  'small things': [
    new Date(5),
    /a+b/gi,
    Object('boxed'),
    10n,
    -(10n ** 50n),
    Symbol.iterator,
    registered,
    undefined,
    NaN,
  ],
  errors: [
    at(new TypeError('broken', { cause: at(new RangeError('inner')) })),
    at(new AggregateError([1], 'many')),
    at(new DOMException('m', 'AbortError')),
  ],
  functions: [captures, functions.bind(Math.max, shared, 1, [2]), Point, Math, { captures }],
  packed: [new Point(), new Packed(), [new Point(), new Packed(), new Point()]],
  buffers: [
    new Uint8Array(100),
    new Float64Array(5),
    new DataView(new ArrayBuffer(8), 2),
    Buffer.alloc(6, 'buffer'),
    new ArrayBuffer(3),
  ],
  'large buffers': [
    new Uint8Array(4096).fill(1),
    new Float64Array(1000).subarray(5),
    { again: new ArrayBuffer(2048) },
  ],
  texts: [
    'wide → 漢字',
    '\ud800',
    'latin1 é',
    new URL('http://localhost/a'),
    new URLSearchParams('a=b'),
  ],
  'long texts': ['x'.repeat(20_000), '→'.repeat(17_000), 'end', 'end'],
  'odd objects': [
    cyclic,
    Object.create(null),
    JSON.parse('{"__proto__":1,"toString":2}'),
    resizable(),
  ],
  'of classes': [
    new Names([['a', new Point()]]),
    new Tags(['a']),
    Object.assign(new List(), [1, [2], 0.5]),
    new Day(5),
    new Pattern('a+', 'g'),
    new Grid(3),
    new Bytes(5),
    new Page('http://localhost/b'),
    new Query('c=d'),
    new OwnText('own'),
    new Point(),
  ],
  'errors of classes': [
    at(new HttpError('not found')),
    at(new SecretError('kept')),
    at(new Cancelled('stopped', 'AbortError')),
    Object.defineProperty(new Error('without'), 'stack', { value: undefined }),
    Object.assign(at(new EvalError('')), { errors: 1, code: 'E', [registered]: 1 }),
  ],
  'without prototype': [
    without([1, 'a']),
    without(new Map([[1, 2]])),
    without(new Set([1])),
    without(new Date(5)),
    without(Object(1) as object),
    without(Object('text') as object),
    without(new Float32Array(2)),
    without(at(new RangeError('x'))),
    without(argumentsOf(1)),
    without({ a: 1 }),
  ],
  'a buffer and a pattern without prototype': [
    without(Uint8Array.of(1, 2).buffer),
    without(/a→b/gs),
  ],
  'with more': [
    withMore([1, 2]),
    withMore(new Map([[1, 2]])),
    withMore(new Set([1])),
    withMore(new Date(NaN)),
    withMore(/a/g),
    withMore(Object(false) as object),
    withMore(Object(1n) as object),
    withMore(Object('text') as object),
    withMore(Object(Symbol.iterator) as object),
    withMore(new Float32Array(2)),
    withMore(new Grid(2)),
    withMore(new ArrayBuffer(2)),
    withMore(at(new RangeError('x'))),
    withMore(argumentsOf(1, 'a')),
    withMore(new URL('http://localhost/c')),
    withMore(new URLSearchParams('e=f')),
    withMore({}),
    withMore(new Point()),
  ],
  'of another realm': vm.runInNewContext(`[
    { a: [1, { b: 2 }] }, new Map([[1, 2]]), new Set([1]), new Date(5), /a/g, Object('x'), Object.create(null),
    new Uint8Array([1, 2]), new ArrayBuffer(3), (function () { return arguments; })(1),
  ]`),
  'functions in classes': {
    extended: Names,
    instances: [new Point(), { point: new Point() }, new Names()],
    method: (Names.prototype as { has: unknown }).has,
    bound: functions.bind(captures, { captures }, functions.bind(Math.min, null, Point)),
  },
  deep: Array.from({ length: 100 }).reduce<unknown>(
    (inner, _, depth) => (depth % 2 === 0 ? [inner] : { inner, point: new Point() }),
    new Map([[1, shared]]),
  ),
  'getters, shared': [shared, { get a() { return shared; } }, shared], // prettier-ignore
};
