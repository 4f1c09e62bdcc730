import { pack, unpack } from '../../../lib/values/pack.js';
import { decode, encode, Functions, refusal, roundTrip } from './codec.js';

class Money {
  #cents: number;
  constructor(cents: number) {
    this.#cents = cents;
  }
  get cents(): number {
    return this.#cents;
  }
  [pack](): unknown {
    return { cents: this.#cents };
  }
  static [unpack](data: { cents: number }): Money {
    return new Money(data.cents);
  }
}

/** Holds anything, and says on the other side what it was given. */
class Box {
  readonly #content: unknown;
  readonly text: string;
  constructor(content: unknown, text = '') {
    this.#content = content;
    this.text = text;
  }
  get content(): unknown {
    return this.#content;
  }
  [pack](): unknown {
    return [this.#content];
  }
  static [unpack]([content]: [unknown]): Box {
    return new Box(
      content,
      JSON.stringify(content, (_, value: unknown) =>
        value instanceof Box ? `Box(${value.text})` : value,
      ),
    );
  }
}

class Holder {
  readonly #content: unknown;
  constructor(content: unknown) {
    this.#content = content;
  }
  get content(): unknown {
    return this.#content;
  }
  [pack](): unknown {
    return [this.#content];
  }
  static [unpack]([content]: [unknown]): Holder {
    return new Holder(content);
  }
}

class Node {
  name: string;
  links: unknown[];
  constructor(name: string, links: unknown[] = []) {
    this.name = name;
    this.links = links;
  }
}

class Half {
  [pack](): number {
    return 1;
  }
}

test('the symbols are those of Symbol.for', () => {
  expect([pack, unpack]).toEqual([
    Symbol.for('mpi-futures.pack'),
    Symbol.for('mpi-futures.unpack'),
  ]);
});

test('an instance travels as what [pack] returns', () => {
  const money = roundTrip(new Money(250));
  expect(money).toBeInstanceOf(Money);
  expect(money.cents).toBe(250);
});

test('shared instances are shared again, wherever they are', () => {
  const money = new Money(1);
  const result = roundTrip({ a: money, list: [money], map: new Map([[money, money]]) });
  expect(result.a).toBe(result.list[0]);
  expect(result.map.get(result.a)).toBe(result.a);
});

test('data is complete when [unpack] gets it', () => {
  const config = { deep: { deeper: { deepest: [1, 2, { three: 3 }] } } };
  const value = [
    config,
    [new Box(config), new Box({ config, money: new Money(5) })],
    config,
  ] as const;
  const [first, boxes] = roundTrip(value);
  expect(boxes[0].content).toBe(first);
  expect(boxes[0].text).toBe(JSON.stringify(config));
  expect(boxes[1].text).toBe(JSON.stringify({ config, money: {} }));
});

test('objects that pack themselves inside of each other', () => {
  const innermost = new Box('x');
  const middle = new Box({ innermost });
  const value = [innermost, new Box([middle, innermost]), middle];
  const [one, two, three] = roundTrip(value);
  expect(two!.text).toBe('["Box({\\"innermost\\":\\"Box(\\\\\\"x\\\\\\")\\"})","Box(\\"x\\")"]');
  expect(two!.content).toEqual([three, one]);
  expect((two!.content as unknown[])[0]).toBe(three);
});

test('a long chain of them', () => {
  let box = new Holder(null);
  for (let depth = 0; depth < 20_000; depth++) box = new Holder([box, { depth }]);
  let content = roundTrip(box).content;
  let depth = 0;
  for (; Array.isArray(content); depth++) content = (content[0] as Holder).content;
  expect(depth).toBe(20_000);
});

test('many of them that share something', () => {
  const shared = { list: [{ a: 1 }] };
  const boxes = Array.from({ length: 3000 }, (_, index) => ({ index, box: new Box(shared) }));
  const result = roundTrip(boxes);
  expect(new Set(result.map(({ box }) => box.content)).size).toBe(1);
  expect(result.at(-1)!.box.text).toBe('{"list":[{"a":1}]}');
});

test('cycles that do not go through the object itself', () => {
  const node = new Node('a');
  node.links.push(node, new Map([[node, node]]));
  const box = roundTrip([new Holder(new Node('b', [node]))])[0]!;
  const [link] = (box.content as Node).links as [Node];
  expect(link.links[0]).toBe(link);
});

test('an object whose data contains itself is refused', () => {
  const node = new Node('holder');
  const box = new Box(node);
  node.links.push({ box });
  expect(refusal({ a: [box] })).toBe(
    'the value.a[0]: what its [pack]() returned contains the object itself',
  );
  expect(refusal([node])).toContain('what its [pack]() returned contains the object itself');
  const itself = new (class Self extends Box {
    override [pack](): unknown {
      return this;
    }
  })(1);
  expect(refusal(itself)).toContain('what its [pack]() returned contains the object itself');
});

test('a class without [unpack] is refused', () => {
  expect(refusal([new Half()])).toBe(
    'the value[0]: its class Half has [pack] but no static [unpack]',
  );
});

test('what [pack] throws is the cause', () => {
  class Failing extends Money {
    override [pack](): never {
      throw new TypeError('not now');
    }
  }
  expect(() => encode({ x: new Failing(1) })).toThrow(
    expect.objectContaining({
      message: 'the value.x: its [pack]() failed: not now',
      cause: new TypeError('not now'),
    }),
  );
});

test('what [pack] returns that cannot be sent is told with its place', () => {
  expect(refusal([new Box({ map: new WeakMap() })])).toBe(
    'the value[0][pack]()[0].map: a WeakMap cannot be sent: send a Map',
  );
});

test('what [unpack] throws is the cause', () => {
  class Picky extends Money {
    static override [unpack](): never {
      throw new RangeError('too little');
    }
  }
  const functions = new Functions();
  const encoded = encode(new Picky(1), functions);
  expect(() => decode(encoded, functions)).toThrow(
    '[unpack] of the class Picky failed: too little',
  );
});

test('captured variables of the class are there when [unpack] is called', () => {
  const functions = new Functions();
  let rate = 0;
  class Converted extends Money {
    static override [unpack](data: { cents: number }): Money {
      return new Money(data.cents * rate);
    }
  }
  functions.closure(Converted, { rate: 3 }, () => ({
    fn: Converted as never,
    assign: ([value]) => {
      rate = value as number;
    },
  }));
  const [money] = roundTrip([new Converted(5), new Node('after', [Converted])] as const, functions);
  expect(money.cents).toBe(15);
});

test('[pack] and [unpack] may use the codec themselves', () => {
  class Nested {
    inner: unknown;
    constructor(inner: unknown) {
      this.inner = inner;
    }
    [pack](): unknown {
      return encode({ inner: this.inner, again: 'text'.repeat(10) }).bytes;
    }
    static [unpack](bytes: Uint8Array): Nested {
      return new Nested(
        (decode({ bytes, buffers: [], functions: [] }) as { inner: unknown }).inner,
      );
    }
  }
  const value = {
    before: 'b',
    list: [new Nested([1, { a: 'x' }]), new Nested('y')],
    after: ['a', 1.5],
  };
  expect(roundTrip(value)).toEqual(value);
});
