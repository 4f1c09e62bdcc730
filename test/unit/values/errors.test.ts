import { Functions, encode, roundTrip } from './codec.js';
import { expectSame } from './same.js';

class HttpError extends RangeError {
  status = 404;
  detail = { url: new URL('http://localhost/') };
}
class Named extends Error {
  override name = 'Named';
}
class NamedByPrototype extends Error {
  static {
    Object.defineProperty(this.prototype, 'name', { value: 'Prototypical' });
  }
}
class Secret extends TypeError {
  #key = 1;
  get key(): number {
    return this.#key;
  }
}
class Cancelled extends DOMException {
  extra = 1;
}
function Old(this: Error, message: string): void {
  this.message = message;
}
Old.prototype = Object.create(Error.prototype) as object;
Object.defineProperty(Old.prototype, 'constructor', { value: Old });

const errors: Record<string, Error> = {
  ...Object.fromEntries(
    [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((type) => [
      type.name,
      new type(`a ${type.name}`),
    ]),
  ),
  'no message': new Error(),
  'own properties': Object.assign(new Error('failed'), {
    code: 'E_FAIL',
    count: 3,
    nested: { a: [1] },
  }),
  'a class of its own': new HttpError('not found'),
  'a name of its own': new Named('text'),
  'a name on the prototype': new NamedByPrototype('text'),
  'a cause': new Error('outer', { cause: new HttpError('inner') }),
  'a cause that is no error': new Error('outer', { cause: { reason: 1 } }),
  'an undefined cause': new Error('outer', { cause: undefined }),
  'itself as cause': selfCaused(),
  AggregateError: new AggregateError(
    [new TypeError('one'), 'two', new HttpError('three')],
    'many',
    { cause: 1 },
  ),
  'another stack': Object.defineProperty(new Error('x'), 'stack', {
    value: 'Error: x\n    at somewhere:1:1',
  }),
  frozen: Object.freeze(Object.assign(new Error('frozen'), { a: 1 })),
  DOMException: new DOMException('aborted', 'AbortError'),
  'a DOMException of a class': new Cancelled('stopped', 'AbortError'),
  'null prototype': Object.setPrototypeOf(new Error('null'), null) as Error,
};

test.each(Object.keys(errors))('%s', (name) => {
  const error = errors[name]!;
  const received = roundTrip({ error }).error;
  expectSame(received, error);
  for (const key of ['message', 'stack', 'cause', 'errors'])
    expect(Object.getOwnPropertyDescriptor(received, key)?.enumerable ?? false).toBe(false);
  if (Object.getPrototypeOf(error) !== null) {
    expect(received instanceof Error).toBe(error instanceof Error);
    expect(received.stack).toBe(error.stack);
    expect(String(received)).toBe(String(error));
  }
});

test('errors of Node.js', () => {
  const error = thrownBy(() => Buffer.alloc('x' as never));
  const received = roundTrip(error);
  expect(received).toMatchObject({
    name: 'TypeError',
    code: 'ERR_INVALID_ARG_TYPE',
    message: error.message,
  });
  expect(Object.prototype.toString.call(received)).toBe('[object Error]');
});

test('errors of the engine', () => {
  const error = thrownBy(() => (null as unknown as { x: 1 }).x);
  expectSame(roundTrip(error), error);
});

test('a class that cannot be sent gives way to the nearest one of the language, and its name stays', () => {
  const refusing = new Functions();
  const send = refusing.send.bind(refusing);
  refusing.send = (fn) => {
    if ((fn as unknown) === NamedByPrototype || (fn as unknown) === HttpError)
      throw new Error('no');
    return send(fn);
  };
  const named = roundTrip(new NamedByPrototype('text'), refusing);
  expect(Object.getPrototypeOf(named)).toBe(Error.prototype);
  expect(Object.getOwnPropertyDescriptor(named, 'name')).toMatchObject({
    value: 'Prototypical',
    enumerable: false,
  });
  const http = roundTrip(new HttpError('text'), refusing);
  expect(Object.getPrototypeOf(http)).toBe(RangeError.prototype);
  expect(http).toMatchObject({
    status: 404,
    message: 'text',
    detail: { url: new URL('http://localhost/') },
  });
  expect(Object.hasOwn(http, 'name')).toBe(false);
});

test('so does one with #private members', () => {
  const received = roundTrip(new Secret('hidden'));
  expect(Object.getPrototypeOf(received)).toBe(TypeError.prototype);
  expect(received.message).toBe('hidden');
});

test('its name stays, and its stack says why its class does not', () => {
  const error = new Secret('hidden');
  const received = roundTrip(error);
  expect(Object.getOwnPropertyDescriptor(received, 'name')).toMatchObject({
    value: 'Secret',
    enumerable: false,
  });
  const note =
    'a Secret cannot be sent: its class has #private members; give it [pack]() and static [unpack]()';
  expect(received.stack).toBe(error.stack!.replace('\n', `\n    (${note})\n`));
  error.stack = 'no frames';
  expect(roundTrip(error).stack).toBe(`no frames\n    (${note})`);
});

test('an error made without the constructor of Error', () => {
  const error = new (Old as unknown as new (message: string) => Error)('old');
  const received = roundTrip(error);
  expect(received).toBeInstanceOf(Old);
  expect(received.message).toBe('old');
});

test('properties that cannot be read are left out', () => {
  const error = new Error('text');
  Object.defineProperty(error, 'bad', {
    enumerable: true,
    get: () => {
      throw new Error('no');
    },
  });
  Object.defineProperty(error, 'stack', {
    get: () => {
      throw new Error('no stack');
    },
  });
  Object.assign(error, { good: 1 });
  const received = roundTrip([error])[0]!;
  expect(Object.keys(received)).toEqual(['good']);
  expect(received.message).toBe('text');
});

test('a message that is no text', () => {
  const error = new Error('x');
  Object.defineProperty(error, 'message', { value: { odd: true } });
  expect(roundTrip(error).message).toEqual({ odd: true });
});

test('a long chain of causes', () => {
  let error = new Error('0');
  for (let depth = 1; depth <= 20_000; depth++) error = new Error(String(depth), { cause: error });
  let received: unknown = roundTrip(error);
  let depth = 20_000;
  while (received instanceof Error && received.cause !== undefined) {
    if (received.message !== String(depth--)) break;
    received = received.cause;
  }
  expect(depth).toBe(0);
});

test('stack traces are captured as before', () => {
  const { stackTraceLimit } = Error;
  roundTrip(new Error('x'));
  expect(() => encode(new WeakMap())).toThrow();
  expect(Error.stackTraceLimit).toBe(stackTraceLimit);
});

function selfCaused(): Error {
  const error = new Error('self');
  error.cause = error;
  Object.defineProperty(error, 'cause', { enumerable: false });
  return error;
}

function thrownBy(fails: () => unknown): Error {
  try {
    fails();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
