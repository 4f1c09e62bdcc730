import { AsyncLocalStorage } from 'node:async_hooks';
import {
  groupedSource,
  zipSources,
  type ArgumentList,
} from '../../lib/executors/argument_lists.js';
import type { MapTarget } from '../../lib/executors/map_feed.js';
import {
  resolveMapOptions,
  splitMapArguments,
  type MapOptions,
} from '../../lib/executors/map_options.js';
import { MapResults } from '../../lib/executors/map_results.js';
import {
  createFuture,
  rejectFuture,
  resolveFuture,
  startFuture,
  type Future,
} from '../../lib/futures/future.js';
import { UnobservedFailures } from '../../lib/futures/unobserved_failures.js';

type Call = (...args: never[]) => unknown;

interface Task {
  argumentLists: readonly ArgumentList[];
  future: Future<unknown>;
  /** Lets it run to its end. */
  run(): void;
}

/**
 * An executor in which a task runs when the test says so, or as soon as all that is going on has
 * come to rest.
 */
class TestExecutor implements MapTarget<unknown> {
  readonly tasks: Task[] = [];
  readonly unobservedFailures = new UnobservedFailures();
  readonly #fn: Call;
  readonly #window: number;
  readonly #automatic: boolean;

  constructor(fn: Call, { window = 4, automatic = true } = {}) {
    this.#fn = fn;
    this.#window = window;
    this.#automatic = automatic;
  }

  submit(args: ArgumentList): Future<unknown> {
    return this.#add([args], () => this.#fn(...(args as never[])));
  }

  submitChunk(argumentLists: readonly ArgumentList[]): Future<unknown[]> {
    const run = (): unknown[] => argumentLists.map((args) => this.#fn(...(args as never[])));
    return this.#add(argumentLists, run);
  }

  defaultWindow(): number {
    return this.#window;
  }

  map(sources: unknown[], options: MapOptions = {}): MapResults<unknown> {
    return new MapResults(this, resolveMapOptions(options), zipSources(sources));
  }

  starmap(source: unknown, options: MapOptions = {}): MapResults<unknown> {
    return new MapResults(this, resolveMapOptions(options), groupedSource(source));
  }

  get submitted(): unknown[] {
    return this.tasks.flatMap(({ argumentLists }) => argumentLists.map(([first]) => first));
  }

  get states(): string[] {
    return this.tasks.map(({ future }) => future.state);
  }

  #add<T>(argumentLists: readonly ArgumentList[], call: () => T): Future<T> {
    const { unobservedFailures } = this;
    const future = createFuture<T>({ onCancel: () => undefined, unobservedFailures });
    const run = (): void => {
      if (future.done() || !startFuture(future)) return;
      try {
        resolveFuture(future, call());
      } catch (error) {
        rejectFuture(future, error);
      }
    };
    this.tasks.push({ argumentLists, future, run });
    if (this.#automatic) setImmediate(run);
    return future;
  }
}

const rest = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const square = (x: number): number => x * x;
const isEven = (x: number): number => {
  if (x % 2 === 0) throw new Error(`${x} is even`);
  return x;
};

/** A source that counts what is read from it and whether it was closed. */
class Counter {
  read = 0;
  closed = 0;
  readonly #length: number;

  constructor(length = Infinity) {
    this.#length = length;
  }

  *[Symbol.iterator](): Generator<number> {
    try {
      while (this.read < this.#length) yield this.read++;
    } finally {
      this.closed++;
    }
  }
}

class AsyncCounter extends Counter {
  async *[Symbol.asyncIterator](): AsyncIterator<number> {
    for (const value of super[Symbol.iterator]()) {
      await Promise.resolve();
      yield value;
    }
  }
}

describe('sources', () => {
  test.each<[string, unknown]>([
    ['array', [1, 2, 3]],
    ['typed array', new Float64Array([1, 2, 3])],
    ['Set', new Set([1, 2, 3])],
    [
      'generator',
      (function* () {
        yield* [1, 2, 3];
      })(),
    ],
    [
      'async generator',
      (async function* () {
        for (const value of [1, 2, 3]) yield await Promise.resolve(value);
      })(),
    ],
    ['string', '123'],
  ])('can be a %s', async (_, source) => {
    const executor = new TestExecutor((x: number | string) => Number(x) ** 2);
    expect(await executor.map([source]).toArray()).toEqual([1, 4, 9]);
  });

  test('are read side by side', async () => {
    const executor = new TestExecutor((...args: unknown[]) => args.join());
    const results = executor.map([[1, 2], 'ab', new Set([true, false])]);
    expect(await results.toArray()).toEqual(['1,a,true', '2,b,false']);
  });

  test('are read to the end of the shortest, and the others are closed', async () => {
    const executor = new TestExecutor((a: number, b: number) => a + b);
    const [one, other] = [new Counter(), new Counter()];
    expect(await executor.map([one, [10, 20], other]).toArray()).toEqual([10, 21]);
    expect([one.read, one.closed, other.read, other.closed]).toEqual([3, 1, 2, 1]);
  });

  test('can be sync and async at once, and end with the shortest', async () => {
    const executor = new TestExecutor((a: number, b: number) => a + b);
    const [endless, asynchronous] = [new Counter(), new AsyncCounter()];
    const results = executor.map([endless, asynchronous, [0, 0, 0]]);
    expect(await results.toArray()).toEqual([0, 2, 4]);
    expect([endless.closed, asynchronous.closed]).toEqual([1, 1]);
  });

  test('that answer later are not asked for an element when another has ended', async () => {
    const executor = new TestExecutor((a: number, b: number) => a + b);
    const asynchronous = new AsyncCounter();
    await executor.map([asynchronous, [10, 20]]).toArray();
    expect(asynchronous.read).toBe(2);
  });

  test('may be none: there is no result then', async () => {
    expect(await new TestExecutor(square).map([]).toArray()).toEqual([]);
  });

  test('may be empty', async () => {
    expect(await new TestExecutor(square).map([[]]).toArray()).toEqual([]);
    expect(await new TestExecutor(square).map([new AsyncCounter(0)]).toArray()).toEqual([]);
  });

  test.each([[5], [null], [undefined], [{}], [() => 1]])('cannot be %p', (source) => {
    const executor = new TestExecutor(square);
    expect(() => executor.map([[1], source])).toThrow(TypeError);
    expect(() => executor.map([[1], source])).toThrow(
      /^Expected an iterable .* for source 2 of map/,
    );
    expect(executor.tasks).toEqual([]);
  });

  test('that fail do so after the results of what was read before, and close the others', async () => {
    const executor = new TestExecutor((a: number) => a);
    const other = new Counter();
    const failing = (function* () {
      yield 0;
      yield 1;
      throw new Error('no more');
    })();
    const results = executor.map([failing, other]);
    expect(await results.next()).toEqual({ done: false, value: 0 });
    expect(await results.next()).toEqual({ done: false, value: 1 });
    await expect(results.next()).rejects.toThrow('no more');
    expect(await results.next()).toEqual({ done: true, value: undefined });
    expect(other.closed).toBe(1);
  });

  test('that fail later do so after the results of what was read before', async () => {
    const executor = new TestExecutor((a: number) => a);
    const failing = (async function* () {
      yield 0;
      yield await Promise.resolve(1);
      throw new Error('no more');
    })();
    const results = executor.map([failing], { chunkSize: 5 });
    expect(await results.next()).toEqual({ done: false, value: 0 });
    expect(await results.next()).toEqual({ done: false, value: 1 });
    await expect(results.next()).rejects.toThrow('no more');
  });
});

describe('a source that has failed', () => {
  test('is not closed: it has closed itself', async () => {
    const close = jest.fn(() => ({ done: true, value: undefined }));
    const fail = (): never => {
      throw new Error('no more');
    };
    const source = { [Symbol.iterator]: () => ({ next: fail, return: close }) };
    const later = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(fail), return: close }),
    };
    await expect(new TestExecutor(square).map([source]).toArray()).rejects.toThrow('no more');
    await expect(new TestExecutor(square).map([later]).toArray()).rejects.toThrow('no more');
    expect(close).not.toHaveBeenCalled();
  });
});

describe('starmap', () => {
  // mpi4py: `buffersize` with a list in `starmap`: fails
  test('takes the arguments of each call from one element', async () => {
    const executor = new TestExecutor((...args: unknown[]) => args.join());
    const lists = [[1, 2], new Set(['a', 'b']), [], [new Float64Array(2)]];
    expect(await executor.starmap(lists).toArray()).toEqual(['1,2', 'a,b', '', '0,0']);
  });

  test('reads a generator of any length in bounded memory, also of empty lists', async () => {
    const executor = new TestExecutor(() => 7, { window: 2 });
    const lists = (function* () {
      for (let i = 0; i < 10; i++) yield [];
    })();
    expect(await executor.starmap(lists).toArray()).toEqual(new Array(10).fill(7));
  });

  test.each([[5], ['ab'], [null], [{}]])(
    'fails at an element that is no list: %p',
    async (element) => {
      const executor = new TestExecutor(square);
      const results = executor.starmap([[3], element, [4]]);
      expect(await results.next()).toEqual({ done: false, value: 9 });
      await expect(results.next()).rejects.toThrow(/^Expected a list of arguments/);
    },
  );
});

describe('submission', () => {
  test('of all calls happens before map returns, for sources in memory', () => {
    const executor = new TestExecutor(square);
    executor.map([Array.from({ length: 1000 }, (_, index) => index)]);
    expect(executor.tasks).toHaveLength(1000);
  });

  test('of a first window happens before map returns, for an iterator', () => {
    const executor = new TestExecutor(square, { window: 6 });
    executor.map([new Counter()]);
    expect(executor.submitted).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('of an async source starts without being asked for a result', async () => {
    const executor = new TestExecutor(square, { window: 3, automatic: false });
    executor.map([new AsyncCounter()]);
    await rest();
    expect(executor.submitted).toEqual([0, 1, 2]);
  });

  test('goes on when a result is taken, one for one', async () => {
    const executor = new TestExecutor(square, { window: 3 });
    const results = executor.map([new Counter()]);
    await rest();
    expect(executor.tasks).toHaveLength(3);
    await results.next();
    expect(executor.tasks).toHaveLength(4);
    await results.next();
    expect(executor.tasks).toHaveLength(5);
  });

  test('follows a window that grows with the workers', async () => {
    const executor = new TestExecutor(square, { window: 1 });
    const results = executor.map([new Counter()]);
    expect(executor.tasks).toHaveLength(1);
    executor.defaultWindow = () => 5;
    await results.next();
    expect(executor.tasks).toHaveLength(6);
  });

  test('by default reads only a window when one of the sources is an iterator', () => {
    const executor = new TestExecutor((a: number, b: number) => a + b, { window: 2 });
    executor.map([new Array(100).fill(0), new Counter()]);
    expect(executor.tasks).toHaveLength(2);
  });

  test('that is refused is an error at its position, and closes the source', async () => {
    const executor = new TestExecutor(square);
    const source = new Counter();
    const submit = executor.submit.bind(executor);
    executor.submit = (args) => {
      if (args[0] === 2) throw new Error('cannot submit after shutdown');
      return submit(args);
    };
    const results = executor.map([source]);
    expect((await results.next()).value).toBe(0);
    expect((await results.next()).value).toBe(1);
    await expect(results.next()).rejects.toThrow('cannot submit after shutdown');
    expect(source.closed).toBe(1);
  });
});

describe('results', () => {
  test('come in the order of the sources, whichever is done first', async () => {
    const executor = new TestExecutor(square, { automatic: false });
    const results = executor.map([[1, 2, 3]]);
    for (const index of [2, 0, 1]) executor.tasks[index]!.run();
    expect(await results.toArray()).toEqual([1, 4, 9]);
  });

  test('come as they are done with unordered', async () => {
    const executor = new TestExecutor(square, { automatic: false });
    const results = executor.map([[1, 2, 3]], { unordered: true });
    const taken: unknown[] = [];
    for (const index of [2, 0, 1]) {
      executor.tasks[index]!.run();
      taken.push((await results.next()).value);
    }
    expect(taken).toEqual([9, 1, 4]);
    expect((await results.next()).done).toBe(true);
  });

  test('can be undefined', async () => {
    const executor = new TestExecutor(() => undefined);
    expect(await executor.map([[1, 2]]).toArray()).toEqual([undefined, undefined]);
    expect(await executor.map([[1, 2, 3]], { chunkSize: 2 }).toArray()).toHaveLength(3);
  });

  test('can be asked for all at once', async () => {
    const results = new TestExecutor(square).map([[1, 2]]);
    const steps = await Promise.all([results.next(), results.next(), results.next()]);
    expect(steps.map(({ value }) => value)).toEqual([1, 4, undefined]);
  });

  test('asked for all at once end with the first error', async () => {
    const results = new TestExecutor(isEven).map([[1, 2, 3, 4]]);
    const steps = await Promise.allSettled([results.next(), results.next(), results.next()]);
    expect(steps).toMatchObject([
      { status: 'fulfilled', value: { value: 1 } },
      { status: 'rejected', reason: { message: '2 is even' } },
      { status: 'fulfilled', value: { done: true } },
    ]);
  });

  test('of toArray are those that have not been taken', async () => {
    const results = new TestExecutor(square).map([[1, 2, 3]]);
    await results.next();
    expect(await results.toArray()).toEqual([4, 9]);
    expect(await results.toArray()).toEqual([]);
  });

  test('are there for a for await loop', async () => {
    const taken: unknown[] = [];
    for await (const value of new TestExecutor(square).map([[1, 2, 3]])) taken.push(value);
    expect(taken).toEqual([1, 4, 9]);
  });
});

describe('an error', () => {
  test('surfaces at its position, ends the results and cancels the rest', async () => {
    const executor = new TestExecutor(isEven, { automatic: false });
    const results = executor.map([[1, 3, 4, 5, 6]]);
    for (const task of executor.tasks.slice(0, 3)) task.run();
    expect(await results.next()).toEqual({ done: false, value: 1 });
    expect(await results.next()).toEqual({ done: false, value: 3 });
    await expect(results.next()).rejects.toThrow('4 is even');
    expect(executor.states.slice(3)).toEqual(['cancelled', 'cancelled']);
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  test('rejects toArray', async () => {
    await expect(new TestExecutor(isEven).map([[1, 2]]).toArray()).rejects.toThrow('2 is even');
  });

  test('surfaces as soon as it happens with unordered', async () => {
    const executor = new TestExecutor(isEven, { automatic: false });
    const results = executor.map([[1, 2, 3]], { unordered: true });
    executor.tasks[1]!.run();
    await expect(results.next()).rejects.toThrow('2 is even');
    expect(executor.states).toEqual(['cancelled', 'rejected', 'cancelled']);
  });

  test('that comes after the one that surfaced is not counted as unobserved', async () => {
    const executor = new TestExecutor(isEven);
    await expect(executor.map([[2, 4, 6]]).toArray()).rejects.toThrow('2 is even');
    await rest();
    expect(executor.unobservedFailures.count).toBe(0);
  });

  test('of a map that nobody reads is counted as unobserved', async () => {
    const executor = new TestExecutor(isEven);
    executor.map([[1, 2, 3]]);
    await rest();
    expect(executor.unobservedFailures.count).toBe(1);
  });

  test('closes the source', async () => {
    const source = new Counter();
    await expect(new TestExecutor(isEven).map([source]).toArray()).rejects.toThrow('0 is even');
    expect(source.closed).toBe(1);
  });

  test('of a future that somebody else has cancelled surfaces, too', async () => {
    const executor = new TestExecutor(square);
    const results = executor.map([[1, 2]]);
    executor.tasks[0]!.future.cancel();
    await expect(results.next()).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  });
});

describe('leaving early', () => {
  test('cancels what has not started and closes the sources', async () => {
    const executor = new TestExecutor(square, { window: 5, automatic: false });
    const source = new Counter();
    const results = executor.map([source]);
    executor.tasks[0]!.run();
    startFuture(executor.tasks[1]!.future);
    for await (const value of results) {
      expect(value).toBe(0);
      break;
    }
    expect(source.closed).toBe(1);
    expect(executor.states.slice(1, 5)).toEqual(['running', 'cancelled', 'cancelled', 'cancelled']);
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  test('is what the end of an `await using` block does', async () => {
    const executor = new TestExecutor(square, { automatic: false });
    const results = executor.map([[1, 2]]);
    await results[Symbol.asyncDispose]();
    expect(executor.states).toEqual(['cancelled', 'cancelled']);
  });

  test('waits for the sources to be closed', async () => {
    let closed = false;
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false, value: 1 }),
        return: async () => {
          await rest();
          closed = true;
          return { done: true, value: undefined };
        },
      }),
    };
    const results = new TestExecutor(square).map([source]);
    await rest();
    await results.return();
    expect(closed).toBe(true);
  });

  test('does not wait for a source that has been asked for an element and does not answer', async () => {
    const source = (async function* () {
      yield 1;
      await new Promise(() => undefined);
    })();
    for await (const value of new TestExecutor(square).map([source])) {
      expect(value).toBe(1);
      break;
    }
  });

  test('rejects with the error of a source that cannot be closed', async () => {
    const source = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: 1 }),
        return: () => {
          throw new Error('cannot close');
        },
      }),
    };
    const results = new TestExecutor(square).map([source]);
    await expect(results.return()).rejects.toThrow('cannot close');
  });

  test('ends a next() that waits', async () => {
    const executor = new TestExecutor(square, { automatic: false });
    const results = executor.map([[1]]);
    const next = results.next();
    await results.return();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  test('drops what a source gives afterwards', async () => {
    const executor = new TestExecutor(square, { window: 2 });
    let give!: (value: number) => void;
    const source = (async function* () {
      yield await new Promise<number>((resolve) => (give = resolve));
    })();
    const results = executor.map([source]);
    await rest();
    await results.return();
    give(1);
    await rest();
    expect(executor.tasks).toEqual([]);
  });
});

describe('chunkSize', () => {
  test.each([1, 2, 3, 6, 50])('of %i gives the same results', async (chunkSize) => {
    const executor = new TestExecutor(square);
    const values = [0, 1, 2, 3, 4, 5];
    expect(await executor.map([values], { chunkSize }).toArray()).toEqual(values.map(square));
    expect(executor.tasks).toHaveLength(Math.ceil(6 / chunkSize));
    const unordered = await executor.map([values], { chunkSize, unordered: true }).toArray();
    expect(new Set(unordered)).toEqual(new Set(values.map(square)));
  });

  test('makes all calls of a chunk one task', () => {
    const executor = new TestExecutor(square);
    executor.map([[1, 2, 3, 4, 5]], { chunkSize: 2 });
    expect(executor.tasks.map(({ argumentLists }) => argumentLists)).toEqual([
      [[1], [2]],
      [[3], [4]],
      [[5]],
    ]);
  });

  test('makes a failure one of the whole chunk', async () => {
    const results = new TestExecutor(isEven).map([[1, 3, 5, 6, 7, 9]], { chunkSize: 2 });
    expect((await results.next()).value).toBe(1);
    expect((await results.next()).value).toBe(3);
    await expect(results.next()).rejects.toThrow('6 is even');
  });

  test('counts for the window of an iterator', () => {
    const executor = new TestExecutor(square, { window: 3 });
    executor.map([new Counter()], { chunkSize: 10 });
    expect(executor.tasks).toHaveLength(3);
  });
});

describe('bufferSize', () => {
  test.each([1, 2, 9, 10, 11, Infinity])(
    'of %d is the most results not taken',
    async (bufferSize) => {
      for (const chunkSize of [1, 2, 9, 10, 11]) {
        for (const unordered of [false, true]) {
          const executor = new TestExecutor(square);
          const values = Array.from({ length: 10 }, (_, index) => index);
          const results = executor.map([values], { bufferSize, chunkSize, unordered });
          const taken: unknown[] = [];
          for await (const value of results) {
            taken.push(value);
            expect(executor.submitted.length - taken.length).toBeLessThanOrEqual(bufferSize);
          }
          if (unordered) taken.sort((a, b) => Number(a) - Number(b));
          expect(taken).toEqual(values.map(square));
        }
      }
    },
  );

  test('bounds what is read from an endless source that nobody takes from', async () => {
    const executor = new TestExecutor(square);
    const source = new AsyncCounter();
    executor.map([source], { bufferSize: 5 });
    for (let turn = 0; turn < 10; turn++) await rest();
    expect(executor.tasks).toHaveLength(5);
    expect(source.read).toBe(5);
  });

  test('of Infinity reads an iterator to its end at once', () => {
    const executor = new TestExecutor(square);
    executor.map([new Counter(100)], { bufferSize: Infinity });
    expect(executor.tasks).toHaveLength(100);
  });
});

describe('timeout', () => {
  test('is a TimeoutError at the result that is late, and cancels it and the rest', async () => {
    const executor = new TestExecutor(square, { automatic: false });
    const results = executor.map([[1, 2, 3]], { timeout: 5 });
    executor.tasks[0]!.run();
    expect((await results.next()).value).toBe(1);
    await expect(results.next()).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
      message: 'Expected all results of map within 5 ms of the call',
    });
    expect(executor.states).toEqual(['fulfilled', 'cancelled', 'cancelled']);
    expect((await results.next()).done).toBe(true);
  });

  test('does not take away results that are there', async () => {
    const executor = new TestExecutor(square);
    const results = executor.map([[1, 2, 3]], { timeout: 0 });
    await rest();
    expect(await results.toArray()).toEqual([1, 4, 9]);
  });

  test('ends the wait for a source that does not answer', async () => {
    const source = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) };
    const results = new TestExecutor(square).map([source], { timeout: 5 });
    await expect(results.toArray()).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
  });

  test('applies with unordered, too', async () => {
    const executor = new TestExecutor(square, { automatic: false });
    const results = executor.map([[1, 2]], { timeout: 5, unordered: true });
    executor.tasks[1]!.run();
    expect((await results.next()).value).toBe(4);
    await expect(results.next()).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
    expect(executor.states).toEqual(['cancelled', 'fulfilled']);
  });
});

describe('signal', () => {
  test('cancels the rest and closes the source at once, and its reason is the next error', async () => {
    const executor = new TestExecutor(square, { automatic: false });
    const source = new Counter();
    const controller = new AbortController();
    const results = executor.map([source], { signal: controller.signal });
    executor.tasks[0]!.run();
    controller.abort('enough');
    expect(executor.states).toEqual(['fulfilled', 'cancelled', 'cancelled', 'cancelled']);
    expect(source.closed).toBe(1);
    await expect(results.next()).rejects.toBe('enough');
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  test('ends a wait, also for a task that runs', async () => {
    const executor = new TestExecutor(square, { automatic: false });
    const controller = new AbortController();
    const results = executor.map([[1]], { signal: controller.signal });
    startFuture(executor.tasks[0]!.future);
    const next = results.next();
    controller.abort('enough');
    await expect(next).rejects.toBe('enough');
  });

  test('that is aborted already lets nothing be read or submitted', async () => {
    const executor = new TestExecutor(square);
    const source = new Counter();
    const results = executor.map([source], { signal: AbortSignal.abort('before') });
    await expect(results.toArray()).rejects.toBe('before');
    expect([executor.tasks.length, source.read]).toEqual([0, 0]);
  });

  test('that is aborted by the source itself stops the reading, and closes it', async () => {
    const executor = new TestExecutor(square);
    const controller = new AbortController();
    let closed = false;
    const source = (function* () {
      try {
        yield 1;
        controller.abort('enough');
        for (;;) yield 2;
      } finally {
        closed = true;
      }
    })();
    const results = executor.map([source], { signal: controller.signal });
    await expect(results.next()).rejects.toBe('enough');
    expect(executor.submitted).toEqual([1]);
    expect(closed).toBe(true);
  });

  test('that is aborted by the source does not take away the result that made room', async () => {
    const executor = new TestExecutor(square);
    const controller = new AbortController();
    const source = (function* () {
      yield 3;
      controller.abort('enough');
      yield 4;
    })();
    const options = { signal: controller.signal, bufferSize: 1 };
    const results = executor.map([source], options);
    expect(await results.next()).toEqual({ done: false, value: 9 });
    await expect(results.next()).rejects.toBe('enough');
  });

  test('has no effect after the end', async () => {
    const controller = new AbortController();
    const results = new TestExecutor(square).map([[1]], { signal: controller.signal });
    expect(await results.toArray()).toEqual([1]);
    controller.abort('late');
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });
});

describe('options', () => {
  const map = (options: unknown) => () =>
    new TestExecutor(square).map([[1]], options as MapOptions);

  test.each<[string, unknown, new () => Error]>([
    ['chunkSize', 0, RangeError],
    ['chunkSize', -1, RangeError],
    ['chunkSize', 1.5, RangeError],
    ['chunkSize', '1', TypeError],
    ['chunkSize', Infinity, RangeError],
    ['bufferSize', 0, RangeError],
    ['bufferSize', -1, RangeError],
    ['bufferSize', '1', TypeError],
    ['timeout', -1, RangeError],
    ['timeout', '1', TypeError],
    ['unordered', 1, TypeError],
    ['signal', {}, TypeError],
  ])('%s: %p is refused at the call', (name, value, error) => {
    expect(map({ [name]: value })).toThrow(error);
    expect(map({ [name]: value })).toThrow(`for ${name} but received`);
  });

  test.each([
    ['chunksize', 'chunkSize'],
    ['buffer_size', 'bufferSize'],
    ['concurrency', 'bufferSize'],
    ['timeOut', 'timeout'],
  ])('%s is unknown: did you mean %s?', (name, meant) => {
    expect(map({ [name]: 1 })).toThrow(`did you mean ${meant}?`);
  });

  test('may be undefined', async () => {
    const options = { timeout: undefined, chunkSize: undefined, signal: undefined };
    expect(await map(options)().toArray()).toEqual([1]);
  });

  test.each<[string, unknown[], unknown[], object]>([
    [
      'are the last argument if that is a plain object',
      [[1], { chunkSize: 2 }],
      [[1]],
      { chunkSize: 2 },
    ],
    ['have no prototype, perhaps', [[1], Object.create(null)], [[1]], {}],
    ['are missing', [[1], [2]], [[1], [2]], {}],
    ['and sources are both missing', [], [], {}],
  ])('%s', (_, given, sources, options) => {
    expect(splitMapArguments(given)).toEqual({ sources, options });
  });

  test.each<[string, unknown]>([
    ['an array', [1]],
    ['a Map', new Map()],
    [
      'a plain object that can be iterated',
      {
        *[Symbol.iterator]() {
          yield 1;
        },
      },
    ],
    ['an instance of a class', new Counter()],
  ])('are not %s', (_, last) => {
    const { sources, options } = splitMapArguments([[1], last]);
    expect(sources[1]).toBe(last);
    expect(options).toEqual({});
  });
});

test('sources are read and closed in the asynchronous context of the call', async () => {
  const storage = new AsyncLocalStorage<string>();
  const seen = new Set<unknown>();
  function* source(): Generator<number> {
    try {
      for (let i = 0; ; i++) {
        seen.add(storage.getStore());
        yield i;
      }
    } finally {
      seen.add(storage.getStore());
    }
  }
  async function* later(): AsyncGenerator<number> {
    for (;;) {
      await rest();
      seen.add(storage.getStore());
      yield 1;
    }
  }
  const executor = new TestExecutor((x: number) => x, { window: 2 });
  const results = storage.run('map', () => executor.map([source(), later()]));
  await storage.run('reader', async () => {
    for (let i = 0; i < 5; i++) await results.next();
    await results.return();
  });
  expect([...seen]).toEqual(['map']);
});
