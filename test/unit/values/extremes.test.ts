import { countBuffers } from '../../../lib/values/structure.js';
import { decode, encode, roundTrip } from './codec.js';
import { expectSame } from './same.js';

interface Link {
  next?: Link | undefined;
  index: number;
}

function depthOf(value: unknown, inside: (value: unknown) => unknown): number {
  let depth = 0;
  for (let each = value; each !== undefined; each = inside(each)) depth++;
  return depth;
}

describe('values of any depth:', () => {
  test('a linked list of a million objects', () => {
    let list: Link | undefined;
    for (let index = 0; index < 1_000_000; index++) list = { next: list, index };
    expect(depthOf(roundTrip(list), (link) => (link as Link).next)).toBe(1_000_000);
  });

  test('arrays, maps and sets in each other', () => {
    const wrap = [
      (inner: unknown) => [inner],
      (inner: unknown) => new Map([[1, inner]]),
      (inner: unknown) => new Map([[inner, 1]]),
      (inner: unknown) => new Set([inner]),
      (inner: unknown) => ({ inner }),
    ];
    let value: unknown;
    for (let depth = 0; depth < 100_000; depth++) value = wrap[depth % wrap.length]!(value);
    let result: unknown = roundTrip(value);
    for (let depth = 99_999; depth >= 0; depth--) {
      if (Array.isArray(result)) result = result[0];
      else if (result instanceof Set) result = [...result][0];
      else if (!(result instanceof Map)) result = (result as { inner: unknown }).inner;
      else result = depth % 5 === 1 ? result.get(1) : [...result.keys()][0];
    }
    expect(result).toBeUndefined();
  });
});

describe('values of any width:', () => {
  test('an object of 100 000 keys', () => {
    const value = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key${i}`, i]));
    expectSame(roundTrip(value), value);
  });

  test('200 000 objects that are shared', () => {
    const objects = Array.from({ length: 200_000 }, (_, index) => ({ index }));
    const [one, two] = roundTrip([objects, [...objects].reverse()] as const);
    expect(one.every((object, index) => object === two[199_999 - index])).toBe(true);
    expect(one[1000]!.index).toBe(1000);
  });

  test('a text of 40 million characters', () => {
    const value = ['x'.repeat(40_000_000), 'é→'.repeat(100_000), 'end'];
    expect(roundTrip(value).map((text) => text.length)).toEqual([40_000_000, 200_000, 3]);
  });

  test('a million numbers', () => {
    const integers = Array.from({ length: 1_000_000 }, (_, index) => index);
    const fractions = integers.map((number) => number / 7);
    const result = roundTrip({ integers, fractions });
    expect(result.integers.every((number, index) => number === integers[index])).toBe(true);
    expect(result.fractions.every((number, index) => number === fractions[index])).toBe(true);
  });
});

test('a small value takes few bytes', () => {
  expect(encode({ id: 1, name: 'x' }).bytes.byteLength).toBeLessThan(100);
});

test('objects of one shape name their keys once', () => {
  const rows = Array.from({ length: 1000 }, (_, index) => ({
    identifier: index,
    description: 'd',
  }));
  expect(encode(rows).bytes.byteLength).toBeLessThan(1000 * 20);
});

test('memory that a large value took is given back', () => {
  encode(Array.from({ length: 3_000_000 }, (_, index) => index));
  expectSame(roundTrip({ a: 1 }), { a: 1 });
});

describe('an encoding inside of another one', () => {
  test('in a getter', () => {
    const results: unknown[] = [];
    const value = {
      before: 'text before',
      list: [1, { x: 'y' }],
      get inner() {
        const inner = { list: ['z', { x: 'w' }], before: 'other', deep: { x: 1 } };
        results.push(decode(encode(inner)), inner);
        return 'inner';
      },
      after: { x: 'after', list: [] },
    };
    const result = roundTrip([value, value.after]);
    expect(result).toEqual([
      {
        before: 'text before',
        list: [1, { x: 'y' }],
        inner: 'inner',
        after: { x: 'after', list: [] },
      },
      { x: 'after', list: [] },
    ]);
    expectSame(results[0], results[1]);
  });

  test('that fails', () => {
    const value = {
      a: 1,
      get b() {
        expect(() => encode([new WeakMap()])).toThrow('WeakMap');
        return { c: 2 };
      },
      d: 'x',
    };
    expect(roundTrip(value)).toEqual({ a: 1, b: { c: 2 }, d: 'x' });
  });
});

test('a value is as it was when it was encoded', () => {
  const value = { list: [1, 2], map: new Map([[1, { a: 1 }]]) };
  const encoded = encode(value);
  value.list.push(3);
  value.map.get(1)!.a = 2;
  expect(decode(encoded)).toEqual({ list: [1, 2], map: new Map([[1, { a: 1 }]]) });
  expect(decode(encoded)).not.toBe(decode(encoded));
  expect(countBuffers(encoded.bytes)).toBe(0);
});
