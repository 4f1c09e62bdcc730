import { createSecretKey } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { open } from 'node:fs/promises';
import { createServer, Socket } from 'node:net';
import { Readable, Transform } from 'node:stream';
import { decode, encode, Functions, refusal, roundTrip, snapshot } from './codec.js';
import { Communicator } from '../../../lib/mpi/communicator.js';
import { encodeStructure } from '../../../lib/values/structure.js';
import { roots } from '../../../lib/values/refusing/paths.js';
import { noFunctions } from '../../../lib/values/functions_in_out.js';

class Account {
  #balance = 1;
  get balance(): number {
    return this.#balance;
  }
}
class Savings extends Account {}
class Shouting extends Transform {}
class Later extends Promise<unknown> {}

const functions = new Functions();
functions.builtIn(
  Readable,
  Transform,
  Socket,
  EventEmitter,
  createSecretKey(Buffer.from('k')).constructor,
);
for (const { prototype } of [Readable, Transform, Socket])
  for (
    let each = prototype as object | null;
    each !== null;
    each = Object.getPrototypeOf(each) as object | null
  )
    functions.builtIn(each.constructor);

function* generate(): Generator<number> {
  yield 1;
}
async function* generateLater(): AsyncGenerator<number> {
  yield 1;
}

describe('what cannot be sent is refused, with advice:', () => {
  const cases: [string, unknown, string][] = [
    ['a promise', Promise.resolve(), 'a Promise cannot be sent: await it first'],
    ['a promise of a class', Later.resolve(), 'a Promise cannot be sent: await it first'],
    ['a WeakMap', new WeakMap(), 'a WeakMap cannot be sent: send a Map'],
    ['a WeakSet', new WeakSet(), 'a WeakSet cannot be sent: send a Set'],
    ['a WeakRef', new WeakRef({}), 'a WeakRef cannot be sent: send what deref() returns'],
    ['a proxy', new Proxy({}, {}), 'a Proxy cannot be sent'],
    ['a proxy of an array', new Proxy([], {}), 'a Proxy cannot be sent'],
    ['a proxy of a function', new Proxy(generate, {}), 'a Proxy cannot be sent'],
    ['a revoked proxy', revoked(), 'a Proxy cannot be sent'],
    ['a generator', generate(), 'a Generator cannot be sent: send its values'],
    ['an async generator', generateLater(), 'an AsyncGenerator cannot be sent: collect its values'],
    ['an iterator', [][Symbol.iterator](), 'an Array Iterator cannot be sent: send its values'],
    ['a map iterator', new Map().keys(), 'a Map Iterator cannot be sent: send its values'],
    ['a set iterator', new Set().keys(), 'a Set Iterator cannot be sent: send its values'],
    ['a symbol', Symbol('mine'), 'Symbol(mine) cannot be sent: only Symbol.for(…)'],
    ['a boxed symbol', Object(Symbol('mine')), 'Symbol(mine) cannot be sent'],
    ['headers', new Headers(), 'a Headers cannot be sent: send [...headers]'],
    ['a request', new Request('http://localhost'), 'a Request cannot be sent'],
    ['a response', new Response('text'), 'a Response cannot be sent: send await response.json()'],
    ['a blob', new Blob([]), 'a Blob cannot be sent: send await blob.arrayBuffer()'],
    ['form data', new FormData(), 'a FormData cannot be sent: send [...formData]'],
    ['a web stream', new ReadableStream(), 'a ReadableStream cannot be sent: read it first'],
    ['a stream', new Readable(), 'a Readable cannot be sent: read it first'],
    [
      'a stream of a class',
      new Shouting(),
      'a Shouting is a Transform; a Transform cannot be sent',
    ],
    ['a socket', new Socket(), 'a Socket cannot be sent: open it inside the task'],
    ['a port', new MessageChannel(), 'a MessageChannel cannot be sent'],
    [
      'an abort signal',
      new AbortController().signal,
      'an AbortSignal cannot be sent: use taskSignal()',
    ],
    [
      'a key',
      createSecretKey(Buffer.from('k')),
      'a SecretKeyObject cannot be sent: send key.export()',
    ],
    ['a formatter', new Intl.NumberFormat(), 'a NumberFormat cannot be sent'],
    [
      'shared memory',
      new SharedArrayBuffer(8),
      'a SharedArrayBuffer cannot be sent: it cannot be shared',
    ],
    [
      'a view on shared memory',
      new Int8Array(new SharedArrayBuffer(8)),
      'a view on a SharedArrayBuffer cannot be sent: it cannot be shared',
    ],
    [
      '#private members',
      new Account(),
      'an Account cannot be sent: its class has #private members; give it [pack]()',
    ],
    [
      'inherited #private members',
      new Savings(),
      'a Savings cannot be sent: Account has #private members',
    ],
    [
      'a prototype of no class',
      Object.create({ a: 1 }),
      'an object whose prototype belongs to no class cannot be sent',
    ],
    [
      'a prototype object',
      Object.create(new Map()),
      'a Map that its constructor has not made cannot be sent',
    ],
    [
      'a prototype without slots',
      Object.create(Map.prototype),
      'a Map that its constructor has not made cannot be sent',
    ],
    [
      'another prototype',
      Object.setPrototypeOf(new Map(), Set.prototype),
      'prototype was replaced',
    ],
    [
      'the prototype of a plain object',
      Object.setPrototypeOf(new Map(), Object.prototype),
      'prototype was replaced',
    ],
    ['the prototype of an array', Object.create(Array.prototype), 'a Array that its constructor'],
    [
      'a detached buffer',
      detached(),
      'a detached buffer cannot be sent: its memory was transferred',
    ],
    ['a view on a detached buffer', detachedView(), 'a detached buffer cannot be sent'],
  ];

  test.each(cases)('%s', (_, value, message) => {
    expect(refusal(value, functions)).toContain(message.replace('a Array', 'an Array'));
    expect(refusal({ deep: [value] }, functions)).toContain('the value.deep[0]: ');
  });

  test('a file handle', async () => {
    const file = await open('/dev/null');
    functions.builtIn(file.constructor);
    expect(refusal([file], functions)).toBe(
      'the value[0]: a FileHandle cannot be sent: open it inside the task',
    );
    await file.close();
  });

  test('a server', () => {
    const server = createServer();
    functions.builtIn(server.constructor);
    expect(refusal([server], functions)).toContain('the value[0]: a Server cannot be sent');
  });

  test('a communicator', () => {
    expect(refusal([Object.create(Communicator.prototype)], functions)).toBe(
      'the value[0]: a Communicator cannot be sent: it belongs to this process; use getCommWorkers() inside the task',
    );
  });

  test('functions, where there are none', () => {
    expect(refusal([() => 1], noFunctions)).toBe(
      'the value[0]: functions and instances of classes cannot be sent here',
    );
  });
});

describe('state that would not arrive', () => {
  const handle = Symbol('handle');
  const way = 'open it inside the task, or give its class [pack]() and static [unpack]()';

  class Database {
    name = 'db';
    constructor(hide: (object: object) => void) {
      hide(this);
    }
  }
  class Table extends Map<string, unknown> {
    [handle] = 1;
  }
  class Rows extends Array<number> {
    [handle] = 1;
  }

  test.each<[string, object, string]>([
    [
      'under a symbol of its own',
      new Database((object) => Object.assign(object, { [handle]: 1 })),
      'a Database cannot be sent: it would lose Symbol(handle)',
    ],
    [
      'under a hidden symbol',
      new Database((object) => Object.defineProperty(object, handle, { value: 1 })),
      'a Database cannot be sent: it would lose Symbol(handle)',
    ],
    [
      'under a hidden symbol that is everywhere',
      new Database((object) => Object.defineProperty(object, Symbol.for('h'), { value: 1 })),
      'a Database cannot be sent: it would lose Symbol(h)',
    ],
    [
      'under a hidden name',
      new Database((object) => Object.defineProperty(object, 'fd', { value: 1 })),
      'a Database cannot be sent: it would lose the hidden property "fd"',
    ],
    [
      'of a class that extends Map',
      new Table(),
      'a Table cannot be sent: it would lose Symbol(handle)',
    ],
    [
      'of a long array of a class',
      Rows.from({ length: 1000 }, () => 1),
      'a Rows cannot be sent: it would lose Symbol(handle)',
    ],
  ])('of an instance, %s', (_, value, message) => {
    expect(refusal({ deep: [value] }, functions)).toBe(`the value.deep[0]: ${message}; ${way}`);
  });

  test.each<[string, object, string]>([
    ['a symbol', { [handle]: 1 }, 'Symbol(handle)'],
    ['a name', Object.defineProperty({}, 'fd', { value: 1 }), 'the hidden property "fd"'],
  ])('of a plain object that has nothing but %s', (_, value, key) => {
    expect(refusal([value])).toBe(
      `the value[0]: an object that has only ${key} cannot be sent: it would arrive empty`,
    );
  });

  test('a plain object with other properties arrives, as a structured clone', () => {
    expect(roundTrip(Object.defineProperty({ a: 1, [handle]: 2 }, 'b', { value: 3 }))).toEqual({
      a: 1,
    });
  });

  test.each<[string, object]>([
    ['an EventEmitter of a class', new (class Bus extends EventEmitter {})()],
    ['an array of a class', new (class List extends Array<number> {})(3)],
    ['a regular expression of a class', new (class Pattern extends RegExp {})('a')],
    ['a text of a class', new (class Name extends String {})('a')],
    ['bytes of a class', new (class Bytes extends Uint8Array {})(200)],
    ['a frozen instance', Object.freeze(new (class Point {})())],
    [
      'what an accessor has kept',
      keeping(
        new (class Page {
          get words(): number[] {
            return [1];
          }
        })(),
        'words',
      ),
    ],
    [
      'a method bound to it',
      keeping(
        new (class Button {
          press(): void {}
        })(),
        'press',
      ),
    ],
  ])('is not %s', (_, value) => {
    const known = new Functions();
    known.builtIn(EventEmitter);
    expect(() => encode(value, known)).not.toThrow();
  });

  function keeping(object: object, name: string): object {
    return Object.defineProperty(object, name, { value: 1 });
  }
});

describe('an error says where the value is:', () => {
  const bad = new WeakMap();
  const place = (value: unknown): string =>
    refusal(value).replace(/: a WeakMap cannot be sent.*/, '');

  test.each<[string, unknown]>([
    ['the value', bad],
    ['the value.options.db', { options: { db: bad } }],
    ['the value[3]', [1, 2, 3, bad]],
    ['the value[1000000]', Object.assign([], { 1e6: bad })],
    ['the value["a b"]["c.d"]', { 'a b': { 'c.d': bad } }],
    ['the value.$ok._1.ключ', { $ok: { _1: { ключ: bad } } }],
    ['the value.get("key")', new Map([['key', bad]])],
    ['the value.get(7).x', new Map([[7, { x: bad }]])],
    [
      'the value, key 2',
      new Map<unknown, unknown>([
        [1, 1],
        [bad, 2],
      ]),
    ],
    ['the value, value of key 1', new Map([[{}, bad]])],
    ['the value, member 2.x', new Set([1, { x: bad }])],
    ['the value.extra', Object.assign(new Map(), { extra: bad })],
    ['the value[Symbol(registered)]', { [Symbol.for('registered')]: bad }],
    [
      'the value.cause.detail',
      new Error('outer', { cause: Object.assign(new Error('inner'), { detail: bad }) }),
    ],
    ['the value.errors[1]', new AggregateError([1, bad])],
    ['the value.a', { a: bad, b: bad }],
  ])('%s', (path, value) => {
    expect(place(value)).toBe(path);
  });

  test('arguments have numbers', () => {
    const message = (value: unknown): string => refusal(value, functions, roots.arguments);
    expect(message([1, { options: { db: bad } }])).toMatch(/^argument 2\.options\.db: a WeakMap/);
    expect(message([bad])).toMatch(/^argument 1: a WeakMap/);
    expect(message([[bad]])).toMatch(/^argument 1\[0\]: a WeakMap/);
  });

  test('so have calls, results', () => {
    expect(refusal([2, [1, 2], [1, bad]], functions, roots.columns)).toMatch(
      /^argument 2 of call 2: a WeakMap/,
    );
    expect(refusal([[[1], [2, bad]]], functions, roots.calls)).toMatch(
      /^call 2, argument 2: a WeakMap/,
    );
    expect(refusal([1, { x: bad }], functions, roots.results)).toMatch(/^result 2\.x: a WeakMap/);
    expect(refusal({ x: bad }, functions, roots.result)).toMatch(/^the result\.x: a WeakMap/);
  });

  test('a captured variable', () => {
    const captures = functions.closure(
      () => bad,
      { count: 1, db: { cache: bad } },
      () => ({ fn: () => 1 }),
    );
    expect(refusal([{ run: captures }], functions, roots.arguments)).toMatch(
      /^argument 1\.run, captured variable db\.cache: a WeakMap/,
    );
  });

  test('what a function is bound to', () => {
    const bound = functions.bind(generate, { bad }, 1);
    expect(refusal([bound], functions)).toMatch(/^the value\[0\], bound this\.bad: a WeakMap/);
    const withArgs = functions.bind(generate, null, 1, [bad]);
    expect(refusal(withArgs, functions)).toMatch(/^the value, bound argument 2\[0\]: a WeakMap/);
  });

  test('a class that captures it', () => {
    class Local {
      x = 1;
    }
    functions.closure(Local, { db: bad }, () => ({ fn: Local as never }));
    expect(refusal({ item: new Local() }, functions)).toMatch(
      /^the value\.item, class Local, captured variable db: a WeakMap/,
    );
  });

  test('deep inside', () => {
    let list: unknown = bad;
    for (let depth = 0; depth < 100_000; depth++) list = { next: list };
    expect(refusal({ list })).toMatch(/^the value\.list(\.next)+: a WeakMap/);
  });
});

describe('what the code of users throws', () => {
  test('is the cause, with the place', () => {
    const cause = new Error('no luck');
    const value = {
      a: [
        {
          get bad(): never {
            throw cause;
          },
        },
      ],
    };
    expect(() => encode(value)).toThrow(
      expect.objectContaining({ message: 'the value.a[0].bad cannot be read: no luck', cause }),
    );
  });

  test('in the getter of an instance', () => {
    const point = Object.defineProperty(new (class Point {})(), 'x', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    expect(refusal([point], functions)).toContain('the value[0].x cannot be read: no');
  });

  test('does not spoil the next value', () => {
    const value = {
      a: 1,
      b: {
        get c(): never {
          throw new Error('no');
        },
      },
    };
    expect(refusal(value)).toContain('no');
    expect(roundTrip({ a: [1, 'two', { c: 3 }] })).toEqual({ a: [1, 'two', { c: 3 }] });
  });
});

test('properties of errors that cannot be sent are left out on demand', () => {
  const inner = Object.assign(new Error('inner'), { socket: { deep: new WeakMap() }, code: 'E' });
  const error = Object.assign(new Error('outer', { cause: inner }), {
    a: 1,
    request: Promise.resolve(),
  });
  const encodeLeniently = (value: unknown) =>
    encodeStructure(value, { snapshot, functions, root: roots.error, lenientErrors: true });
  const received = roundTripOf(encodeLeniently(error)) as Error & { cause: Error };
  expect(received).toMatchObject({ message: 'outer', a: 1 });
  expect(received.cause).toMatchObject({ message: 'inner', code: 'E' });
  expect(Object.keys(received)).toEqual(['a']);
  expect(Object.keys(received.cause)).toEqual(['code']);
  expect(() => encodeLeniently({ error, bad: new WeakMap() })).toThrow('the error.bad: a WeakMap');
});

function roundTripOf(encoded: ReturnType<typeof encode>): unknown {
  return decode(encoded, functions);
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

function detachedView(): Uint8Array {
  const view = new Uint8Array(8);
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
}
