import { functionsIn } from '../../../lib/values/structure.js';
import type { AnyFunction } from '../../../lib/values/functions_in_out.js';
import { decode, encode, Functions, roundTrip } from './codec.js';

function add(one: number, two: number): number {
  return one + two;
}

class Shape {
  sides = 4;
}

/** A closure over `captured` whose copy on the other side returns what has been assigned. */
function closure(functions: Functions, captured: Record<string, unknown>): () => unknown[] {
  return functions.closure(
    () => Object.values(captured),
    captured,
    () => {
      let assigned: readonly unknown[] | undefined;
      return {
        fn: () => assigned,
        assign: (values) => {
          if (assigned !== undefined) throw new Error('assigned twice');
          assigned = values;
        },
      };
    },
  );
}

test('a function met twice is one function', () => {
  const functions = new Functions();
  const captures = closure(functions, { a: 1 });
  const [one, two, { three }] = roundTrip(
    [captures, captures, { three: captures }] as const,
    functions,
  );
  expect(one).toBe(two);
  expect(one).toBe(three);
  expect(one).not.toBe(captures);
  expect(functions.sent).toEqual([captures]);
});

test('captured variables are assigned when all is there', () => {
  const functions = new Functions();
  const captured = { list: [1, { deep: true }], late: {} as Record<string, unknown> };
  const captures = closure(functions, captured);
  captured.late.self = captures;
  const result = roundTrip({ captures, late: captured.late }, functions);
  const [list, late] = result.captures() as [unknown, unknown];
  expect(list).toEqual([1, { deep: true }]);
  expect(late).toBe(result.late);
  expect(result.late.self).toBe(result.captures);
});

test('functions that capture each other', () => {
  const functions = new Functions();
  const first: Record<string, unknown> = {};
  const second: Record<string, unknown> = {};
  const one = closure(functions, first);
  const two = closure(functions, second);
  first.two = two;
  second.one = one;
  const [a, b] = roundTrip([one, two] as const, functions);
  expect(a()).toEqual([b]);
  expect(b()).toEqual([a]);
});

test('a function that captures itself, in a long chain', () => {
  const functions = new Functions();
  let last = closure(functions, {});
  for (let depth = 0; depth < 10_000; depth++) last = closure(functions, { last });
  let fn = roundTrip(last, functions);
  let depth = 0;
  for (let captured; (captured = fn()) as unknown; depth++) fn = captured[0] as typeof fn;
  expect(depth).toBe(10_000);
});

test('bound functions', () => {
  const functions = new Functions();
  const self = { base: 10 };
  const addTo = functions.bind(
    function (this: { base: number }, one: number) {
      return this.base + one;
    },
    self,
    5,
  );
  const result = roundTrip({ addTo: addTo as () => number, self }, functions);
  expect(result.addTo).not.toBe(addTo);
  expect(result.addTo()).toBe(15);
  result.self.base = 20;
  expect(result.addTo()).toBe(25);
});

test('a function bound to an object that contains it', () => {
  const functions = new Functions();
  const self: { me?: () => unknown; list: unknown[] } = { list: [] };
  const me = functions.bind(
    function (this: unknown) {
      return this;
    },
    self,
    [self],
  );
  self.me = me;
  self.list.push(me);
  for (const result of [roundTrip(self, functions), roundTrip([me, self] as const, functions)[1]]) {
    expect(result.me!()).toBe(result);
    expect(result.list[0]).toBe(result.me);
  }
  expect((roundTrip(me, functions) as () => { me: unknown })()).toHaveProperty('me');
});

test('a function bound over and over', () => {
  const functions = new Functions();
  let fn: AnyFunction = add;
  for (let depth = 0; depth < 90; depth++) fn = functions.bind(fn, { depth });
  expect((roundTrip(fn, functions) as typeof add)(1, 2)).toBe(3);
  for (let depth = 0; depth < 90; depth++) fn = functions.bind(fn, null);
  expect(() => encode(fn, functions)).toThrow('was bound more than');
});

test('a method of an instance in its own captured variables', () => {
  const functions = new Functions();
  const shape = new Shape();
  const captures = closure(functions, { shape, Shape });
  const [first, Class] = roundTrip({ captures }, functions).captures() as [Shape, typeof Shape];
  expect(first).toBeInstanceOf(Shape);
  expect(first.sides).toBe(4);
  expect(Class).toBe(Shape);
});

test('the head lists the functions that a value names', () => {
  const functions = new Functions();
  const encoded = encode([add, new Shape(), Math, { add, more: [new Shape()] }], functions);
  const ids = functionsIn(encoded.bytes);
  expect(ids).toEqual(encoded.functions);
  expect(
    ids.map((id) =>
      id === encoded.functions[2] ? functions.wellKnown(id) : functions.receive(id).fn,
    ),
  ).toEqual([add, Shape, Math]);
  const buffersToo = encode([new Uint8Array(5000), Buffer.from('x'), add, 'text'], functions);
  expect(functionsIn(buffersToo.bytes)).toEqual(buffersToo.functions);
  expect(functionsIn(buffersToo.bytes)).toHaveLength(1);
  expect(functionsIn(encode({ a: 1 }).bytes)).toEqual([]);
});

test('a function that the other side does not know', () => {
  const encoded = encode([add]);
  expect(() => decode(encoded, new Functions())).toThrow(
    expect.objectContaining({ name: 'DataCloneError' }),
  );
});

test('an object that begins with a function may be one that every process has', () => {
  const functions = new Functions();
  const module = { read: add, write: add };
  functions.everywhere(module);
  const result = roundTrip({ module, list: [module, { read: add }] }, functions);
  expect(result.module).toBe(module);
  expect(result.list[0]).toBe(module);
  expect(result.list[1]).toEqual({ read: add });
});

test('what assigning throws is told', () => {
  const functions = new Functions();
  const fails = functions.closure(add, { a: 1 }, () => ({
    fn: add,
    assign: () => {
      throw new TypeError('constant');
    },
  }));
  const encoded = encode(fails, functions);
  expect(() => decode(encoded, functions)).toThrow('assigning captured variables failed: constant');
});
