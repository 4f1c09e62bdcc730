import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { InvalidStateError } from '../../lib/errors.js';
import {
  addCallback,
  createFuture,
  markObserved,
  rejectFuture,
  removeDoneCallback,
  requeueFuture,
  resolveFuture,
  settledValue,
  startFuture,
  Future,
  type FutureOwner,
} from '../../lib/futures/future.js';
import { UnobservedFailures } from '../../lib/futures/unobserved_failures.js';

const failure = new Error('the task failed');

/** An error that throws when it is printed. */
class Unlookable extends Error {
  override readonly name = 'Unlookable';
  [inspect.custom](): string {
    throw new Error('not to be looked at');
  }
}

/**
 * Until the callbacks of all promises that are settled now have run, and Node.js has looked for
 * unhandled rejections.
 */
const allSettled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Warning {
  message: string;
  type: string;
  detail: string;
}

/** Collects process warnings in place of printing them. */
function catchWarnings(): Warning[] {
  const warnings: Warning[] = [];
  jest.spyOn(process, 'emitWarning').mockImplementation(((message: string, options: Warning) => {
    warnings.push({ ...options, message });
  }) as typeof process.emitWarning);
  return warnings;
}

afterEach(() => jest.restoreAllMocks());

describe('state', () => {
  test('is pending at first', () => {
    const future = createFuture();
    expect(future.state).toBe('pending');
    expect([future.running(), future.done(), future.cancelled()]).toEqual([false, false, false]);
  });

  test('is running when the task has started', () => {
    const future = createFuture();
    expect(startFuture(future)).toBe(true);
    expect(future.state).toBe('running');
    expect([future.running(), future.done(), future.cancelled()]).toEqual([true, false, false]);
  });

  test('is pending again when the task waits for another worker', () => {
    const future = createFuture();
    startFuture(future);
    requeueFuture(future);
    expect(future.state).toBe('pending');
    expect(future.cancel()).toBe(true);
  });

  test('is fulfilled with a value', async () => {
    const future = createFuture<number>();
    expect(resolveFuture(future, 42)).toBe(true);
    expect(future.state).toBe('fulfilled');
    expect([future.running(), future.done(), future.cancelled()]).toEqual([false, true, false]);
    expect(settledValue(future)).toBe(42);
    await expect(future).resolves.toBe(42);
  });

  test('is rejected with an error', async () => {
    const future = createFuture();
    expect(rejectFuture(future, failure)).toBe(true);
    expect(future.state).toBe('rejected');
    expect([future.running(), future.done(), future.cancelled()]).toEqual([false, true, false]);
    await expect(future).rejects.toBe(failure);
  });

  test.each(['resolve', 'reject', 'start'])('a future that is done refuses to %s', (action) => {
    const future = createFuture<number>();
    resolveFuture(future, 42);
    const actions: Record<string, () => void> = {
      resolve: () => resolveFuture(future, 43),
      reject: () => rejectFuture(future, failure),
      start: () => startFuture(future),
    };
    expect(actions[action]).toThrow(InvalidStateError);
    expect(settledValue(future)).toBe(42);
  });
});

describe('cancel', () => {
  // mpi4py: `CancelledError`, `TimeoutError`, `InvalidStateError`; all have a `code` here
  test('fails a pending future with a CancelledError', async () => {
    const future = createFuture();
    expect(future.cancel()).toBe(true);
    expect(future.state).toBe('cancelled');
    expect([future.running(), future.done(), future.cancelled()]).toEqual([false, true, true]);
    await expect(future).rejects.toMatchObject({ name: 'CancelledError', code: 'ERR_CANCELLED' });
  });

  test('gives the reason as the cause', async () => {
    const future = createFuture();
    future.cancel('not needed');
    await expect(future).rejects.toMatchObject({ cause: 'not needed' });
  });

  test('tells the owner once, with the future cancelled already', () => {
    const states: string[] = [];
    const owner: FutureOwner = { onCancel: ({ state }) => states.push(state) };
    const future = createFuture(owner);
    future.cancel();
    expect(future.cancel()).toBe(true);
    expect(states).toEqual(['cancelled']);
  });

  test('is too late for a running or done future', () => {
    const owner: FutureOwner = { onCancel: () => expect(true).toBe(false) };
    const running = createFuture(owner);
    startFuture(running);
    const done = createFuture<number>(owner);
    resolveFuture(done, 42);
    expect([running.cancel(), done.cancel()]).toEqual([false, false]);
    expect([running.state, done.state]).toEqual(['running', 'fulfilled']);
  });

  test('wins over an outcome that comes later, which is dropped', async () => {
    const future = createFuture<number>();
    future.cancel();
    expect(startFuture(future)).toBe(false);
    expect(resolveFuture(future, 42)).toBe(false);
    expect(rejectFuture(future, failure)).toBe(false);
    await expect(future).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  });
});

describe('a future is a promise', () => {
  // mpi4py: `then`: cancelling the parent cancels the child
  test('of which then, catch and finally give plain promises', () => {
    const future = createFuture();
    const ignore = () => undefined;
    expect(future).toBeInstanceOf(Promise);
    for (const derived of [future.then(ignore), future.catch(ignore), future.finally(ignore)]) {
      expect(derived).toBeInstanceOf(Promise);
      expect(derived).not.toBeInstanceOf(Future);
    }
  });

  // mpi4py: `aplus`: `ThenableFuture`
  test('that works with Promise.all and Promise.race', async () => {
    const [one, other] = [createFuture<number>(), createFuture<number>()];
    const all = Promise.all([one, other]);
    const race = Promise.race([one, other]);
    resolveFuture(other, 2);
    await expect(race).resolves.toBe(2);
    resolveFuture(one, 1);
    await expect(all).resolves.toEqual([1, 2]);
  });

  test('that only executors can make', () => {
    const construct = Future as unknown as new (executor: () => void) => unknown;
    expect(() => new construct(() => undefined)).toThrow(TypeError);
    expect(() => Future.resolve(42)).toThrow(TypeError);
  });

  test('that others cannot settle', () => {
    expect(Object.keys(createFuture())).toEqual([]);
    expect(Object.getOwnPropertyNames(Future.prototype).sort()).toEqual([
      'addDoneCallback',
      'addProgressCallback',
      'cancel',
      'cancelled',
      'constructor',
      'done',
      'exception',
      'result',
      'running',
      'state',
      'then',
    ]);
  });
});

describe('result and exception', () => {
  test('result is the value', async () => {
    const future = createFuture<number>();
    const result = future.result();
    resolveFuture(future, 42);
    await expect(result).resolves.toBe(42);
    await expect(future.exception()).resolves.toBeNull();
  });

  test('result rejects with the error, exception is the error', async () => {
    const future = createFuture();
    rejectFuture(future, failure);
    await expect(future.result()).rejects.toBe(failure);
    await expect(future.exception()).resolves.toBe(failure);
  });

  test('both reject if the future was cancelled', async () => {
    const future = createFuture();
    future.cancel();
    await expect(future.result()).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    await expect(future.exception()).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  });

  test('both reject at the timeout, and the task goes on', async () => {
    const future = createFuture<number>();
    await expect(future.result({ timeout: 1 })).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
    await expect(future.exception({ timeout: 1 })).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
    expect(future.state).toBe('pending');
    resolveFuture(future, 42);
    await expect(future.result()).resolves.toBe(42);
  });

  test('a timeout of 0 takes what is there', async () => {
    const future = createFuture<number>();
    resolveFuture(future, 42);
    await expect(future.result({ timeout: 0 })).resolves.toBe(42);
  });

  test('a timeout longer than any timer is no limit', async () => {
    const future = createFuture<number>();
    const result = future.result({ timeout: 2 ** 40 });
    setTimeout(() => resolveFuture(future, 42), 5);
    await expect(result).resolves.toBe(42);
  });

  test('both reject with the reason of the signal', async () => {
    const future = createFuture();
    const controller = new AbortController();
    const waits = [future.result({ signal: controller.signal })];
    waits.push(future.exception({ signal: controller.signal }));
    controller.abort('enough');
    for (const wait of waits) await expect(wait).rejects.toBe('enough');
    await expect(future.result({ signal: AbortSignal.abort('before') })).rejects.toBe('before');
    expect(future.state).toBe('pending');
  });

  test('a wait that ends leaves no listener at the signal', async () => {
    const { signal } = new AbortController();
    const future = createFuture<number>();
    const wait = future.result({ signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    resolveFuture(future, 42);
    await wait;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('a task that fails with a TimeoutError of its own is no timeout of the wait', async () => {
    const own = Object.assign(new Error('of the task'), { code: 'ERR_TIMEOUT' });
    const future = createFuture();
    rejectFuture(future, own);
    await expect(future.exception({ timeout: 1000 })).resolves.toBe(own);
  });

  test('a wait that was ended stays so, even if the task fails a moment later', async () => {
    const controller = new AbortController();
    const future = createFuture();
    const wait = future.exception({ signal: controller.signal });
    controller.abort('enough');
    rejectFuture(future, failure);
    await expect(wait).rejects.toBe('enough');
  });

  test('wrong limits are rejected with a TypeError or a RangeError', async () => {
    const future = createFuture();
    await expect(future.result({ timeout: '1' } as never)).rejects.toThrow(TypeError);
    await expect(future.result({ timeout: -1 })).rejects.toThrow(RangeError);
    await expect(future.exception({ time_out: 1 } as never)).rejects.toThrow('mean timeout?');
  });
});

describe('addDoneCallback', () => {
  test.each<[string, (future: Future<number>) => void]>([
    ['fulfilled', (future) => resolveFuture(future, 42)],
    ['rejected', (future) => rejectFuture(future, failure)],
    ['cancelled', (future) => future.cancel()],
  ])('calls back once with the future when it is %s', async (state, settle) => {
    const future = createFuture<number>();
    const seen: unknown[] = [];
    future.addDoneCallback((done) => seen.push(done, done.state));
    settle(future);
    expect(seen).toEqual([]);
    await Promise.resolve();
    expect(seen).toEqual([future, state]);
  });

  test('calls back, but not at once, if the future is done already', async () => {
    const future = createFuture<number>();
    resolveFuture(future, 42);
    const callback = jest.fn();
    future.addDoneCallback(callback);
    expect(callback).not.toHaveBeenCalled();
    await Promise.resolve();
    expect(callback).toHaveBeenCalledTimes(1);
  });

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw failure;
      },
    ],
    ['returns a promise that rejects', () => Promise.reject(failure)],
  ])('warns when a callback %s, and calls the others', async (_, callback) => {
    const future = createFuture<number>();
    const other = jest.fn();
    const warnings = catchWarnings();
    future.addDoneCallback(callback);
    future.addDoneCallback(other);
    resolveFuture(future, 42);
    await allSettled();
    expect(warnings).toMatchObject([{ type: 'DoneCallbackWarning' }]);
    expect(warnings[0]?.detail).toContain('the task failed');
    expect(other).toHaveBeenCalledTimes(1);
  });

  test('that throws what cannot be looked at, now or later, is warned of', async () => {
    const warnings = catchWarnings();
    const future = createFuture();
    future.addDoneCallback(() => {
      throw new Unlookable('at once');
    });
    future.addDoneCallback(() => Promise.reject(new Unlookable('later')));
    resolveFuture(future, 42);
    await allSettled();
    const expected = ['at once', 'later'].map((when) => `Unlookable: ${when}`);
    expect(warnings.map(({ detail }) => detail)).toEqual(expected);
  });

  test('is called in the asynchronous context in which it was added', async () => {
    const storage = new AsyncLocalStorage<string>();
    const futures = [createFuture(), createFuture(), createFuture()];
    const seen: unknown[] = [];
    const add = (future: Future<unknown>): void =>
      future.addDoneCallback(() => seen.push(storage.getStore()));
    storage.run('first', () => add(futures[0]!));
    storage.run('second', () => add(futures[1]!));
    add(futures[2]!);
    storage.run('whoever settles', () => futures.forEach((future) => resolveFuture(future, 1)));
    storage.run('late', () => add(futures[0]!));
    await allSettled();
    expect(seen).toEqual(['first', 'second', undefined, 'late']);
  });

  test('that throws is told of in its context', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    jest.spyOn(process, 'emitWarning').mockImplementation(() => {
      seen.push(storage.getStore());
    });
    const future = createFuture();
    storage.run('throws', () =>
      future.addDoneCallback(() => {
        throw failure;
      }),
    );
    storage.run('rejects', () => future.addDoneCallback(() => Promise.reject(failure)));
    storage.run('whoever settles', () => resolveFuture(future, 1));
    await allSettled();
    expect(seen).toEqual(['throws', 'rejects']);
  });

  test('that is removed is not called, and the others are', async () => {
    const future = createFuture<number>();
    const [removed, kept] = [jest.fn(), jest.fn()];
    addCallback(future, removed);
    addCallback(future, kept);
    removeDoneCallback(future, removed);
    removeDoneCallback(future, removed);
    resolveFuture(future, 42);
    await Promise.resolve();
    expect(removed).not.toHaveBeenCalled();
    expect(kept).toHaveBeenCalledTimes(1);
  });

  test('refuses what is no function', () => {
    expect(() => createFuture().addDoneCallback('f' as never)).toThrow(TypeError);
  });
});

describe('a failure', () => {
  function failed(): { future: Future<unknown>; failures: UnobservedFailures } {
    const failures = new UnobservedFailures('PoolExecutor');
    const future = createFuture({ onCancel: () => undefined, unobservedFailures: failures });
    rejectFuture(future, failure);
    return { future, failures };
  }

  // The test runner fails a test with an unhandled rejection.
  test('that nobody looks at is no unhandled rejection, but is counted', async () => {
    const { failures } = failed();
    await allSettled();
    expect(failures.count).toBe(1);
  });

  test('is one of the promises derived from the future, too', async () => {
    const { future } = failed();
    await expect(future.then(() => undefined)).rejects.toBe(failure);
    await expect(future.finally(() => undefined)).rejects.toBe(failure);
  });

  test.each<[string, (future: Future<unknown>) => unknown]>([
    [
      'await',
      async (future) => {
        await future;
      },
    ],
    ['catch', (future) => future.catch(() => undefined)],
    ['result', (future) => future.result()],
    ['exception', (future) => future.exception()],
    ['Promise.allSettled', (future) => Promise.allSettled([future])],
  ])('is not counted when somebody looks at it with %s', async (_, look) => {
    const { future, failures } = failed();
    await Promise.resolve(look(future)).catch(() => undefined);
    expect(failures.count).toBe(0);
  });

  test('is not counted when somebody waits for it before it happens', async () => {
    const failures = new UnobservedFailures('PoolExecutor');
    const future = createFuture({ onCancel: () => undefined, unobservedFailures: failures });
    const seen = future.catch((error: unknown) => error);
    rejectFuture(future, failure);
    expect(failures.count).toBe(0);
    expect(await seen).toBe(failure);
  });

  test('stays counted when somebody is only told of the end', async () => {
    const { future, failures } = failed();
    const callback = jest.fn();
    future.addDoneCallback(callback);
    await Promise.resolve();
    expect(callback).toHaveBeenCalled();
    expect(failures.count).toBe(1);
  });

  test('that is dropped on purpose is neither counted nor an unhandled rejection', async () => {
    const failures = new UnobservedFailures('PoolExecutor');
    const future = createFuture({ onCancel: () => undefined, unobservedFailures: failures });
    markObserved(future);
    rejectFuture(future, failure);
    await allSettled();
    expect(failures.count).toBe(0);
  });

  test('is not what a cancellation is', async () => {
    const failures = new UnobservedFailures('PoolExecutor');
    createFuture({ onCancel: () => undefined, unobservedFailures: failures }).cancel();
    await allSettled();
    expect(failures.count).toBe(0);
  });
});

describe('UnobservedFailures', () => {
  test('warns once, with the count and the first failure', () => {
    const warnings = catchWarnings();
    const failures = new UnobservedFailures('PoolExecutor');
    failures.add({}, new Error('the first'));
    failures.add({}, new Error('the second'));
    failures.warn();
    failures.warn();
    expect(warnings).toMatchObject([
      {
        type: 'UnobservedFailureWarning',
        message: '2 tasks of PoolExecutor failed and nobody looked at the result',
      },
    ]);
    expect(warnings[0]?.detail).toContain('Error: the first');
  });

  test('warns of one that cannot be looked at', () => {
    const warnings = catchWarnings();
    const failures = new UnobservedFailures('PoolExecutor');
    failures.add({}, new Unlookable('what it says'));
    failures.warn();
    expect(warnings[0]?.detail).toBe('The first: Unlookable: what it says');
  });

  test('does not warn of nothing', () => {
    const warnings = catchWarnings();
    new UnobservedFailures('PoolExecutor').warn();
    expect(warnings).toEqual([]);
  });

  test('shows the first of those that are left', () => {
    const warnings = catchWarnings();
    const failures = new UnobservedFailures('PoolExecutor');
    const seen = {};
    failures.add(seen, new Error('the first'));
    failures.add({}, new Error('the second'));
    failures.delete(seen);
    failures.warn();
    expect(warnings[0]?.message).toContain('A task of PoolExecutor');
    expect(warnings[0]?.detail).toContain('Error: the second');
  });

  test('keeps the count, not the errors, of very many', () => {
    const warnings = catchWarnings();
    const failures = new UnobservedFailures('PoolExecutor');
    const futures = Array.from({ length: 1000 }, () => ({}));
    for (const future of futures) failures.add(future, failure);
    for (const future of futures.slice(0, 990)) failures.delete(future);
    expect(failures.count).toBe(10);
    failures.warn();
    expect(warnings[0]?.message).toContain('10 tasks');
  });
});

describe('inspect', () => {
  const failed = (): { future: Future<unknown>; failures: UnobservedFailures } => {
    const failures = new UnobservedFailures();
    const future = createFuture({ onCancel: () => undefined, unobservedFailures: failures });
    rejectFuture(future, failure);
    return { future, failures };
  };

  test('shows the state, and the outcome', () => {
    const future = createFuture<unknown>();
    expect(inspect(future)).toBe("Future { state: 'pending' }");
    startFuture(future);
    expect(inspect(future)).toBe("Future { state: 'running' }");
    resolveFuture(future, { a: 1 });
    expect(inspect(future)).toBe("Future { state: 'fulfilled', value: { a: 1 } }");
    expect(inspect(failed().future)).toMatch(
      /^Future \{\s+state: 'rejected',\s+error: Error: the task/,
    );
    const cancelled = createFuture();
    cancelled.cancel('of no use');
    expect(inspect(cancelled)).toMatch(/state: 'cancelled',\s+error: CancelledError/);
    expect(inspect(cancelled)).toContain('of no use');
  });

  test('is as deep as it is to be', () => {
    const future = createFuture<unknown>();
    resolveFuture(future, { a: { b: { c: 1 } } });
    expect(inspect(future, { depth: 1 })).toContain('{ a: [Object] }');
    expect(inspect([[future]], { depth: 1 })).toBe('[ [ [Future] ] ]');
    expect(inspect(future, { depth: null })).toContain('c: 1');
  });

  test('of what stands for a future shows no state', () => {
    const future = createFuture();
    expect(inspect(new Proxy(future, {}))).toBe('Future {}');
    expect(inspect(Object.create(future))).toBe('Future {}');
  });

  test('does not throw, nor go on for ever', () => {
    const future = createFuture<object>();
    const refuse = {
      [inspect.custom]() {
        throw failure;
      },
    };
    resolveFuture(future, { future, refuse });
    expect(inspect(future)).toBe('Future { cannot be shown }');
    const circular = createFuture<object>();
    resolveFuture(circular, { circular });
    expect(inspect(circular, { depth: Infinity })).toContain('{ circular: [Circular Future] }');
  });

  test('is not to look at a failure', () => {
    const { future, failures } = failed();
    inspect(future);
    expect(failures.count).toBe(1);
  });
});
