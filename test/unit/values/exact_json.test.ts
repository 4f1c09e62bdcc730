/** Exact JSON and the codec are two ways of one meaning: what arrives is the same, whichever a value takes. */

import vm from 'node:vm';
import fc from 'fast-check';
import { BatchWriter, readBatch, taskFlags, valueOf } from '../../../lib/tasks/batches.js';
import { encodeValue, type EncodedValue } from '../../../lib/values/encoded_value.js';
import { MessageKind } from '../../../lib/tasks/messages.js';
import { roots } from '../../../lib/values/refusing/paths.js';
import { decodeStructure, encodeStructure } from '../../../lib/values/structure.js';
import { Functions, snapshot } from './codec.js';
import { expectSame } from './same.js';
import { refused, table } from './table.js';

const registered = Symbol.for('registered');
const functions = new Functions();
const context = { snapshot, functions, root: roots.value };

/** In a message among others, with both kinds of neighbours, and read again. */
function throughBatch(encoded: EncodedValue, timed: boolean): unknown {
  const writer = new BatchWriter(timed ? MessageKind.results : MessageKind.tasks, timed);
  const neighbours = ['[1,"two"]', encodeStructure(new Map([[1, 2]]), context), '{"a":null}'];
  const values = [...neighbours, encoded, ...neighbours];
  for (const [id, value] of values.entries())
    writer.add(id % 3 === 0 ? 1 : 2, id, 7, taskFlags.none, value, 0.5);
  const read: unknown[] = [];
  writer.finish((payload, length, buffers) => {
    readBatch(Buffer.from(payload.slice(0, length)), buffers?.slice(), timed, (entry) => {
      expect(entry.runTime).toBe(timed ? 0.5 : 0);
      read[entry.id] = valueOf(entry, functions);
    });
  });
  expect(read).toHaveLength(values.length);
  return read[neighbours.length];
}

function ofCodec(value: unknown): unknown {
  const { bytes, buffers } = encodeStructure(value, context);
  return decodeStructure(bytes, buffers, functions);
}

function outcome(encode: () => unknown): { value?: unknown; refused?: string } {
  try {
    return { value: encode() };
  } catch (error) {
    expect(error).toMatchObject({ name: 'DataCloneError' });
    return { refused: (error as Error).message };
  }
}

/** Whether `make()` is the same by either way; says whether it was JSON. */
function expectOneMeaning(make: () => unknown): boolean {
  let isJson = false;
  const usual = outcome(() => {
    const encoded = encodeValue(make(), context);
    isJson = typeof encoded === 'string';
    const task = throughBatch(encoded, false);
    const result = throughBatch(encodeValue(make(), context), true);
    expectSame(result, task);
    return task;
  });
  const codec = outcome(() => ofCodec(make()));
  expect(usual.refused).toBe(codec.refused);
  expectSame(usual.value, codec.value);
  return isJson;
}

const rows = Object.values(table);

test('the whole table of values', () => {
  expect(rows.length).toBeGreaterThan(80);
  const json = rows.filter(({ value }) => {
    const places: (() => unknown)[] = [
      () => value,
      () => [value],
      () => [1, { value, more: 'text' }],
      () => [value, value],
    ];
    return places.map(expectOneMeaning)[0];
  });
  expect(json.map(({ name }) => name)).toEqual([
    ...['null', 'true', 'false', 'zero', 'an integer', 'a large integer', 'a fraction'],
    ...['the smallest number', 'an empty text', 'a text', 'a text of all planes'],
    ...['half a surrogate pair', 'an empty object', 'an object with numbers as keys'],
    ...['a key constructor', 'a key then', 'a getter', 'an empty array', 'an array'],
  ]);
});

test('all that is refused', () => {
  for (const { value } of refused) expect(expectOneMeaning(() => [1, { value }])).toBe(false);
});

class Point {
  x = 1;
}
class List extends Array<unknown> {}

// eslint-disable-next-line @typescript-eslint/no-unused-vars -- they are in `arguments`
function argumentsOf(..._: unknown[]): unknown {
  // eslint-disable-next-line prefer-rest-params -- it is to be such an object
  return arguments;
}

function ofPlain(object: object): unknown {
  return [Object.setPrototypeOf(object, Object.prototype)];
}

const hidden = { value: 'hidden', enumerable: false, configurable: true, writable: true };
const texts = ['', 'a', 'é→🚀', '\ud800', '"\\\n\u2028\0', 'x'.repeat(4096), 'x'.repeat(4097)];

const odd: Record<string, () => unknown> = {
  'a symbol as a key of an array': () => Object.assign([1], { [registered]: 'kept' }),
  'a symbol as a key of an object': () => ({ a: 1, [registered]: 'kept' }),
  'a private symbol as a key': () => [{ a: 1, [Symbol('own')]: 1 }, [1]],
  'a private symbol as a key of an array': () => Object.assign([1], { [Symbol('own')]: 1 }),
  'a hidden registered symbol': () => Object.defineProperty([1], registered, hidden),
  'a hole and another property': () => Object.assign([, 1], { extra: 2 }), // eslint-disable-line no-sparse-arrays
  'a hole at the end': () => [1, ,], // eslint-disable-line no-sparse-arrays
  'a hidden element and another property': () =>
    Object.assign(Object.defineProperty([5], 0, hidden), { extra: 2 }),
  'a hidden element': () => Object.defineProperty([5, 6], 0, hidden),
  'a hidden property': () => Object.defineProperty({ a: 1 }, 'b', hidden),
  'a property that is not writable': () => Object.defineProperty({}, 'a', { value: 1, enumerable: true }), // prettier-ignore
  'another property': () => Object.assign([1, 2], { extra: 3, '-1': 4, '01': 5 }),
  'a frozen object': () => Object.freeze({ a: Object.freeze([1]) }),
  'a sealed object': () => Object.seal({ a: Object.seal([1]) }),
  'an array that cannot grow': () => Object.preventExtensions([1, 2]),
  'no prototype': () => Object.assign(Object.create(null) as object, { a: 1 }),
  'an array without prototype': () => [Object.setPrototypeOf([1], null) as object],
  'an array with the prototype of an object': () => [
    Object.setPrototypeOf([1], Object.prototype) as object,
  ],
  'an object with the prototype of an array': () => Object.create(Array.prototype) as unknown,
  'a map with the prototype of an object': () => ofPlain(new Map([[1, 2]])),
  'a date with the prototype of an object': () => ofPlain(Object.assign(new Date(1), { a: 1 })),
  'a promise with the prototype of an object': () => ofPlain(Promise.resolve()),
  'an instance': () => [new Point()],
  'an array class': () => List.of(1, 2),
  'another realm': () => vm.runInNewContext('({ a: [1, { b: 2 }] })') as unknown,
  'a proxy of an object': () => [new Proxy({ a: 1 }, {})],
  'a proxy of an array': () => [new Proxy([1], {})],
  arguments: () => argumentsOf(1, [2]),
  'minus zero': () => [-0, { a: -0 }],
  'not a number': () => [NaN, Infinity],
  'own toJSON': () => ({ a: 1, toJSON: 1 }),
  'an own function toJSON': () => ({ a: 1, toJSON: Math.hypot }),
  'a key __proto__': () => JSON.parse('{"a":{"__proto__":{"x":1},"b":[]}}') as unknown,
  'an array as its own element': () => {
    const list: unknown[] = [1];
    list.push(list);
    return list;
  },
  'an object in two places': () => {
    const shared = { a: 1 };
    return [shared, { shared }, [shared]];
  },
  'equal objects': () => [{ a: 1 }, { a: 1 }, [], []],
  'a getter': () => ({ get a() { return [1]; } }), // prettier-ignore
  'a getter of an element': () => Object.defineProperty([0, 1], 0, { get: () => 'read', enumerable: true }), // prettier-ignore
  'a setter alone': () => ({ set a(_: unknown) {} }), // prettier-ignore
  'a getter that throws': () => ({ a: { get b() { throw new Error('no'); } } }), // prettier-ignore
  'getters that throw once': () => {
    const once = (object: object, key: PropertyKey): object => {
      let times = 0;
      const get = (): number => {
        if (times++ === 0) throw new Error('once');
        return 1;
      };
      return Object.defineProperty(object, key, { get, enumerable: true });
    };
    return once({ a: [1], b: once([{ c: 2 }, 1, 2], 1) }, 'd');
  },
  'a getter behind what is read to its end that throws once': () => {
    let times = 0;
    return {
      a: { b: [1, { c: 2 }] },
      get d() {
        if (times++ === 0) throw new Error('once');
        return 1;
      },
    };
  },
  'getters that change what is being read': () => [
    { get a() { return Reflect.set(this, 'z', 1); }, b: 2 },
    { get a() { return Reflect.deleteProperty(this, 'b'); }, b: 2, c: 3 },
    Object.defineProperty([1, 2, 3], 0, { get(this: number[]) { return (this.length = 1); }, enumerable: true }),
    Object.defineProperty([1, 2, 3], 1, { get(this: number[]) { return this.push(9); }, enumerable: true }),
  ], // prettier-ignore
  'a getter that makes its array shorter': () =>
    Object.defineProperty([1, 2, 3], 0, { get(this: number[]) { return (this.length = 1); }, enumerable: true }), // prettier-ignore
  'getters that change what was read before': () => {
    const before = { v: 1 };
    const list = [1];
    return [before, list, { get x() { before.v = 2; return list.push(2); } }, undefined]; // prettier-ignore
  },
  'as many values as there may be': () => Array.from({ length: 99 }, (_, i) => i),
  'one more': () => Array.from({ length: 100 }, (_, i) => i),
  'as many containers as there may be': () => Array.from({ length: 15 }, () => []),
  'one container more': () => Array.from({ length: 16 }, () => ({})),
  'very deep': () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 5000; depth++) value = depth % 2 === 0 ? [value] : { value };
    return value;
  },
  texts: () => texts.map((text) => ({ [text]: text })),
};

test.each(Object.entries(odd))('%s', (_, make) => {
  expectOneMeaning(make);
  expectOneMeaning(() => [make(), 1, { b: make() }]);
  expectOneMeaning(() => [make(), undefined]);
});

test.each(texts)('a text alone and as a key: %#', (text) => {
  expectOneMeaning(() => text);
  expectOneMeaning(() => ({ [text]: [text] }));
});

test.each<[string, object]>([
  ['Object', Object.prototype],
  ['Array', Array.prototype],
  ['String', String.prototype],
  ['Number', Number.prototype],
  ['Boolean', Boolean.prototype],
  ['BigInt', BigInt.prototype],
])('toJSON of %s.prototype is not called', (_, prototype) => {
  const toJSON = jest.fn(() => 'something else');
  Object.defineProperty(prototype, 'toJSON', { value: toJSON, configurable: true, writable: true });
  try {
    expectOneMeaning(() => ['text', 1, true, { a: [1] }]);
    expectOneMeaning(() => ['text', 1n, undefined, { a: [1] }]);
  } finally {
    delete (prototype as { toJSON?: unknown }).toJSON;
  }
  expect(toJSON).not.toHaveBeenCalled();
});

test('a program may replace the functions of JSON', () => {
  const { stringify, parse } = JSON;
  JSON.stringify = () => '"replaced"';
  JSON.parse = () => 'replaced';
  try {
    expectOneMeaning(() => ({ a: ['text', 1] }));
    expectOneMeaning(() => ({ a: ['text', undefined, { b: 1 }] }));
  } finally {
    Object.assign(JSON, { stringify, parse });
  }
});

describe('a getter is read once,', () => {
  const counting = (rest: object): { value: object; reads: string[] } => {
    const reads: string[] = [];
    const value = {
      get first() {
        reads.push('first');
        return reads.length;
      },
      list: Object.defineProperty([0, 'element'], 0, {
        enumerable: true,
        get: () => {
          reads.push('element');
          return reads.length;
        },
      }),
      ...rest,
    };
    Object.defineProperty(value, 'last', {
      enumerable: true,
      get: () => {
        reads.push('last');
        return reads.length;
      },
    });
    // Copying `rest` has not read `value`.
    return { value, reads };
  };

  test.each<[string, object]>([
    ['where it is JSON', { rest: 1 }],
    ['where the codec takes over behind it', { rest: undefined }],
    ['where it takes over in an object behind it', { rest: { a: [1, { b: 1n }] } }],
    ['where the value is a long one', { rest: 'x'.repeat(5000) }],
  ])('%s', (_, rest) => {
    const { value, reads } = counting(rest);
    const encoded = encodeValue([value, 'end'], context);
    expect(reads).toEqual(['first', 'element', 'last']);
    expectSame(throughBatch(encoded, false), [
      { first: 1, list: [2, 'element'], ...rest, last: 3 },
      'end',
    ]);
  });

  test.each<[string, number, unknown[]]>([
    ['that a text follows', 0, [0, 'text']],
    ['that integers precede and a text follows', 1, [1, 0, 'text']],
    ['that a fraction follows', 1, [1, 0, 0.5]],
    ['that a fraction and a text follow', 2, [1, 0.5, 0, 2, 'text']],
    ['of many that a fraction follows', 5000, [...Array<number>(10000).fill(1), 0.5]],
    ['of many that a text follows', 5000, [...Array<number>(10000).fill(1), 0.5, 'text']],
    [
      'of many with holes',
      1,
      [1, 0, ...Array<undefined>(5), ...Array<number>(200).fill(0.5), null],
    ],
  ])('an element %s', (_, index, list) => {
    const once = jest.fn(() => 7);
    Object.defineProperty(list, index, { get: once, enumerable: true });
    const { bytes, buffers } = encodeStructure(list, context);
    expect(once).toHaveBeenCalledTimes(1);
    expectSame(decodeStructure(bytes, buffers, functions), list.with(index, 7));
  });

  test('also if it adds properties while it is read', () => {
    const make = (): unknown => ({
      w: 2,
      cache: undefined as number | undefined,
      get area(): number {
        const own = this as unknown as { kept?: number };
        return (own.kept ??= 2);
      },
      end: undefined,
    });
    expectOneMeaning(make);
  });

  test('also by the message that says what cannot be sent', () => {
    let reads = 0;
    const value = {
      get a() {
        reads++;
        return 1;
      },
      b: new WeakMap(),
    };
    expect(() => encodeValue([value], context)).toThrow('the value[0].b: a WeakMap');
    expect(reads).toBe(1);
  });
});

test('a getter may send something itself', () => {
  const inner: unknown[] = [];
  const make = (): unknown => {
    const shared = { n: 1 };
    const trap = {
      get x() {
        for (const value of [{ a: 1 }, [undefined], Array(30).fill(1)])
          inner.push(throughBatch(encodeValue(value, context), false));
        return 1;
      },
    };
    return [shared, trap, shared];
  };
  const received = throughBatch(encodeValue(make(), context), false) as unknown[];
  expectSame(received, [received[0], { x: 1 }, received[0]]);
  expectSame(inner, [{ a: 1 }, [undefined], Array(30).fill(1)]);
});

interface Made {
  /** To be had again. */
  readonly objects: object[];
  /** To be frozen when all is there. */
  readonly frozen: unknown[];
}

type Plan = (made: Made) => unknown;

const scalar = fc
  .oneof(
    { weight: 4, arbitrary: fc.integer() },
    fc.double(),
    fc.string(),
    fc
      .array(fc.integer({ min: 0xd700, max: 0xe000 }))
      .map((units) => String.fromCharCode(...units)),
    fc.boolean(),
    fc.constantFrom<unknown>(null, undefined, -0, NaN, registered, 'x'.repeat(4097), ''),
    fc.bigInt(),
  )
  .map(
    (value): Plan =>
      () =>
        value,
  );

const key = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.constantFrom('__proto__', 'constructor', 'toJSON', 'length', '0', '1', '-1', 'then'),
);

type Trait = 'getter' | 'hidden' | 'fixed' | 'plain';
const property = fc.tuple(
  fc.oneof(
    { weight: 6, arbitrary: key },
    fc.constantFrom<symbol>(registered, Symbol('own'), Symbol.iterator),
  ),
  fc.oneof(
    { weight: 8, arbitrary: fc.constant<Trait>('plain') },
    fc.constantFrom<Trait>('getter', 'hidden', 'fixed'),
  ),
);

function define(object: object, name: PropertyKey, trait: Trait, value: unknown): void {
  if (name === 'length' && Array.isArray(object)) return;
  const flags = { enumerable: trait !== 'hidden', configurable: true };
  Object.defineProperty(
    object,
    name,
    trait === 'getter' ? { get: () => value, ...flags } : { value, writable: trait !== 'fixed', ...flags }, // prettier-ignore
  );
}

const { value: plan } = fc.letrec<{ value: Plan }>((tie) => {
  const depthSize = 'small';
  const record = fc
    .tuple(
      fc.array(fc.tuple(property, tie('value')), { maxLength: 6, depthIdentifier: 'value' }),
      fc.constantFrom(Object.prototype, Object.prototype, Object.prototype, null, Point.prototype),
    )
    .map(([properties, prototype]): Plan => (made) => {
      const object = Object.create(prototype) as object;
      made.objects.push(object);
      for (const [[name, trait], inner] of properties) define(object, name, trait, inner(made));
      return object;
    });
  const array = fc
    .tuple(
      fc.array(fc.option(tie('value'), { freq: 20 }), { maxLength: 6, depthIdentifier: 'value' }),
      fc.array(fc.tuple(property, tie('value')), { maxLength: 1, depthIdentifier: 'value' }),
      fc.boolean(),
    )
    .map(([elements, properties, plain]): Plan => (made) => {
      const list: unknown[] = [];
      made.objects.push(list);
      list.length = elements.length;
      for (const [index, inner] of elements.entries())
        if (inner !== null) list[index] = inner(made);
      if (!plain)
        for (const [[name, trait], inner] of properties) define(list, name, trait, inner(made));
      return list;
    });
  const other = fc
    .tuple(fc.constantFrom('map', 'set', 'date', 'freeze', 'again'), tie('value'), fc.nat())
    .map(([kind, inner, number]): Plan => (made) => {
      const { objects, frozen } = made;
      if (kind === 'again') return objects[number % Math.max(1, objects.length)];
      const value = inner(made);
      if (kind === 'map') return new Map([[number, value]]);
      if (kind === 'set') return new Set([value]);
      if (kind === 'date') return new Date(number);
      frozen.push(value);
      return value;
    });
  return {
    value: fc.oneof({ depthSize, depthIdentifier: 'value' }, scalar, record, array, other),
  };
});

function built(make: Plan): unknown {
  const made: Made = { objects: [], frozen: [] };
  const value = [make(made)];
  for (const each of made.frozen) Object.freeze(each);
  return value;
}

test('any value', () => {
  let json = 0;
  let runs = 0;
  fc.assert(
    fc.property(plan, (make) => {
      runs++;
      if (expectOneMeaning(() => built(make))) json++;
    }),
    { numRuns: 300 },
  );
  // Some values were JSON, and some were not.
  expect(json).toBeGreaterThan(runs / 20);
  expect(json).toBeLessThan(runs);
});
