import { types } from 'node:util';
import v8 from 'node:v8';
import vm from 'node:vm';
import { encode, refusal, roundTrip } from './codec.js';
import { expectSame } from './same.js';

/** The value of an expression in a realm of its own, and in this one. */
const expressions = [
  '({ a: 1, b: { c: [1, 2, { d: "x" }] } })',
  '[1, 2, 3]',
  '[1.5, , "x"]',
  'Object.assign([1], { extra: 1 })',
  '({})',
  'Object.create(null)',
  'new Map([[1, { a: 1 }]])',
  'new Set([1, [2]])',
  'new Date(5)',
  '/a+/gi',
  '[Object(1), Object("x"), Object(1n), Object(false)]',
  'new Uint8Array([1, 2, 3])',
  '[new Float64Array(500), new DataView(new ArrayBuffer(8)), new ArrayBuffer(4)]',
  '({ get a() { return 1; } })',
];

test.each(expressions)('%s of another realm becomes one of this realm', (expression) => {
  const foreign: unknown = vm.runInNewContext(expression);
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the same in this realm
  const here = (new Function(`return ${expression}`) as () => unknown)();
  expectSame(roundTrip(foreign), withoutGetters(here));
});

test('what Node.js itself made', () => {
  const value = { list: [1, { a: 2 }], map: new Map([[1, 2]]), date: new Date(1) };
  const foreign: unknown = v8.deserialize(v8.serialize(value));
  expect(Object.getPrototypeOf(foreign)).not.toBe(Object.prototype);
  expectSame(roundTrip(foreign), value);
});

test('errors of another realm', () => {
  const error = vm.runInNewContext(
    'Object.assign(new RangeError("far", { cause: new Error("away") }), { code: 1 })',
  ) as RangeError;
  const received = roundTrip(error);
  expect(received).toBeInstanceOf(RangeError);
  expect(received.cause).toBeInstanceOf(Error);
  expect(received).toMatchObject({ message: 'far', code: 1, stack: error.stack });
});

test('arguments of another realm', () => {
  const received: unknown = roundTrip(
    vm.runInNewContext('(function () { return arguments })(1, 2)') as unknown,
  );
  expect(types.isArgumentsObject(received)).toBe(true);
  expect(Array.from(received as ArrayLike<unknown>)).toEqual([1, 2]);
});

test.each([
  ['Promise.resolve()', 'a Promise cannot be sent: await it first'],
  ['new WeakMap()', 'a WeakMap cannot be sent'],
  ['new Proxy({}, {})', 'a Proxy cannot be sent'],
  ['(function* () {})()', 'a Generator cannot be sent'],
  ['new SharedArrayBuffer(1)', 'a SharedArrayBuffer cannot be sent'],
  ['Symbol("x")', 'Symbol(x) cannot be sent'],
])('%s of another realm is refused', (expression, message) => {
  expect(refusal({ a: vm.runInNewContext(expression) as unknown })).toContain(
    `the value.a: ${message}`,
  );
});

test('a class that is called Object is no plain object', () => {
  const impostor = new (class Object {
    a = 1;
  })();
  expect(Object.getPrototypeOf(roundTrip(impostor))).toBe(Object.getPrototypeOf(impostor));
});

test('registered symbols are the same in all realms', () => {
  const foreign = vm.runInNewContext('({ [Symbol.for("x")]: Symbol.for("y") })') as object;
  expectSame(roundTrip(foreign), { [Symbol.for('x')]: Symbol.for('y') });
  expect(() => encode(foreign)).not.toThrow();
});

function withoutGetters(value: unknown): unknown {
  return value !== null &&
    typeof value === 'object' &&
    'a' in value &&
    Object.keys(value).length === 1
    ? { ...value }
    : value;
}
