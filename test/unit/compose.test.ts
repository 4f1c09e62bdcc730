import { AsyncLocalStorage } from 'node:async_hooks';
import { runInNewContext } from 'node:vm';
import { collect } from '../../lib/futures/collect.js';
import { compose } from '../../lib/futures/compose.js';
import { rejectFuture, resolveFuture, startFuture, Future } from '../../lib/futures/future.js';
import { failuresOfNobody } from '../../lib/futures/unobserved_failures.js';
import { callbacksLeft, failure, settled, SomeFutures } from './some_futures.js';

jest.mock('../../lib/futures/done_callbacks.js', () => {
  const actual = jest.requireActual<typeof import('../../lib/futures/done_callbacks.js')>(
    '../../lib/futures/done_callbacks.js',
  );
  return { ...actual, callBackSoon: jest.fn(actual.callBackSoon) };
});

let some: SomeFutures;
beforeEach(() => {
  some = new SomeFutures();
});

const replacement = new RangeError('in its place');

describe('without hooks', () => {
  // test_futures.py: Compose result
  test('the result stays what it is', async () => {
    const future = some.pending<number>();
    const composed: Future<number> = compose(future);
    expect(composed).toBeInstanceOf(Future);
    expect(composed).not.toBe(future);
    resolveFuture(future, 42);
    expect(await composed).toBe(42);
  });

  // test_futures.py: Compose except
  test('the error stays what it is', async () => {
    const future = some.pending();
    const composed = compose(future, null, null);
    rejectFuture(future, failure);
    await expect(composed).rejects.toBe(failure);
  });
});

describe('resultHook', () => {
  // test_futures.py: Compose result_hook
  test('makes the result', async () => {
    const composed: Future<number> = compose(some.fulfilled('42'), Number);
    expect(await composed).toBe(42);
  });

  test('that returns nothing gives undefined, one that returns an error gives it', async () => {
    expect(await compose(some.fulfilled(42), (): unknown => undefined)).toBeUndefined();
    expect(await compose(some.fulfilled(42), () => failure)).toBe(failure);
  });

  // mpi4py: `ThreadPoolExecutor`: one thread computes at a time
  // test_futures.py: Compose result_hook_failure
  test('that throws makes the failure, which exceptionHook does not see', async () => {
    const exceptionHook = jest.fn();
    const hook = (): never => {
      throw failure;
    };
    await expect(compose(some.fulfilled(42), hook, exceptionHook)).rejects.toBe(failure);
    expect(exceptionHook).not.toHaveBeenCalled();
  });

  test('may return a promise or a future', async () => {
    const next = some.pending<string>();
    const composed: Future<string> = compose(some.fulfilled(1), () => next);
    await settled();
    expect(composed.state).toBe('running');
    resolveFuture(next, 'next');
    expect(await composed).toBe('next');
    const rejecting = compose(some.fulfilled(1), () => Promise.reject(failure));
    await expect(rejecting).rejects.toBe(failure);
  });

  test('is not called for a failure', async () => {
    const hook = jest.fn();
    await expect(compose(some.rejected(), hook)).rejects.toBe(failure);
    expect(hook).not.toHaveBeenCalled();
  });

  test('is not called before compose returns', async () => {
    const hook = jest.fn();
    const composed = compose(some.fulfilled(1), hook);
    expect(hook).not.toHaveBeenCalled();
    await composed;
    expect(hook).toHaveBeenCalledWith(1);
  });
});

describe('exceptionHook', () => {
  // mpi4py: `aplus`: `ThenableFuture`
  // test_futures.py: Compose except_hook
  test('gets the error and makes the result', async () => {
    const future: Future<string> = some.rejected();
    const composed: Future<string | unknown[]> = compose(future, null, (error) => [error]);
    expect(await composed).toEqual([failure]);
  });

  test('that returns nothing gives undefined', async () => {
    expect(await compose(some.rejected(), null, (): unknown => undefined)).toBeUndefined();
  });

  // mpi4py: `compose`: what a hook raises or an error that it returns is the failure; cancelling goes both ways
  // test_futures.py: Compose except_hook_except
  test('that returns an error makes it the failure, and its type no result', async () => {
    const future: Future<string> = some.rejected();
    const composed: Future<string> = compose(future, undefined, () => replacement);
    await expect(composed).rejects.toBe(replacement);
    await expect(compose(future, null, async () => replacement)).rejects.toBe(replacement);
  });

  test('may return the error of another realm', async () => {
    const foreign: unknown = runInNewContext('new Error("foreign")');
    await expect(compose(some.rejected(), null, () => foreign)).rejects.toBe(foreign);
  });

  // test_futures.py: Compose except_hook_failure
  test('that throws makes the failure', async () => {
    const hook = (): never => {
      throw replacement;
    };
    await expect(compose(some.rejected(), null, hook)).rejects.toBe(replacement);
  });

  test('is not called for a result', async () => {
    const hook = jest.fn();
    expect(await compose(some.fulfilled(42), null, hook)).toBe(42);
    expect(hook).not.toHaveBeenCalled();
  });
});

describe('cancellation', () => {
  // test_futures.py: Compose cancel_old
  test('of the old future cancels the new one, with the reason and without hooks', async () => {
    const hook = jest.fn();
    const future = some.pending();
    const composed = compose(future, hook, hook);
    future.cancel('not needed');
    await expect(composed).rejects.toMatchObject({ code: 'ERR_CANCELLED', cause: 'not needed' });
    expect(composed.state).toBe('cancelled');
    expect(hook).not.toHaveBeenCalled();
  });

  // test_futures.py: Compose cancel_new
  test('of the new future cancels the old one, with the reason and without hooks', async () => {
    const hook = jest.fn();
    const future = some.pending();
    const composed = compose(future, hook, hook);
    expect(composed.cancel('not needed')).toBe(true);
    expect(future.state).toBe('cancelled');
    await expect(future).rejects.toMatchObject({ cause: 'not needed' });
    await settled();
    expect(hook).not.toHaveBeenCalled();
  });

  test('of the new future while the task runs lets it go on, and drops its outcome', async () => {
    const hook = jest.fn();
    const future = some.pending();
    startFuture(future);
    const composed = compose(future, hook, hook);
    expect(composed.cancel()).toBe(true);
    expect(future.state).toBe('running');
    rejectFuture(future, failure);
    await settled();
    expect(hook).not.toHaveBeenCalled();
    expect(some.failures.count).toBe(0);
  });

  test('leaves no callback at a future that goes on', () => {
    const longLived = some.pending();
    startFuture(longLived);
    compose(longLived).cancel();
    expect(callbacksLeft(longLived)).toBe(0);
  });

  test('wins over a result that no hook has seen', async () => {
    const hook = jest.fn();
    const composed = compose(some.fulfilled(1), hook);
    expect(composed.cancel()).toBe(true);
    await settled();
    expect(composed.state).toBe('cancelled');
    expect(hook).not.toHaveBeenCalled();
  });

  test('is too late when a hook works', async () => {
    const seen: unknown[] = [];
    const composed: Future<number> = compose(some.fulfilled(1), (value) => {
      seen.push(composed.cancel(), composed.state);
      return value;
    });
    expect(await composed).toBe(1);
    expect(seen).toEqual([false, 'running']);
  });

  test('goes through a chain, both ways', async () => {
    const [one, other] = [some.pending(), some.pending()];
    compose(compose(one)).cancel();
    expect(one.state).toBe('cancelled');
    const last = compose(compose(other));
    other.cancel();
    await settled();
    expect(last.state).toBe('cancelled');
  });
});

describe('a failure', () => {
  test('is counted once, until somebody looks at the new future', async () => {
    const future = some.pending();
    const composed = compose(future);
    rejectFuture(future, failure);
    await settled();
    expect(some.failures.count).toBe(1);
    await composed.exception();
    expect(some.failures.count).toBe(0);
  });

  test('that a hook has dealt with is not counted', async () => {
    void compose(some.rejected(), null, () => 0);
    await settled();
    expect(some.failures.count).toBe(0);
  });

  test('of a hook is counted where the old future comes from, even if that is done', async () => {
    const future = some.fulfilled(1);
    await future;
    void compose(future, () => {
      throw failure;
    });
    await settled();
    expect(some.failures.count).toBe(1);
  });
});

test.each<[string, unknown[], string]>([
  ['a promise', [Promise.resolve()], 'a future of this package for future'],
  ['a resultHook of no function', [new SomeFutures().pending(), 42], 'resultHook'],
  ['an exceptionHook of no function', [new SomeFutures().pending(), null, 42], 'exceptionHook'],
])('refuses %s', (_, args, message) => {
  const call = () => (compose as (...args: unknown[]) => unknown)(...args);
  expect(call).toThrow(TypeError);
  expect(call).toThrow(message);
});

test('hooks run in the asynchronous context of the call', async () => {
  const storage = new AsyncLocalStorage<string>();
  const [good, bad] = [some.pending(), some.pending()];
  const hook = (): unknown => storage.getStore();
  const composed = [
    storage.run('result', () => compose(good, hook)),
    storage.run('error', () => compose(bad, null, hook)),
  ];
  storage.run('whoever settles', () => {
    resolveFuture(good, 1);
    rejectFuture(bad, failure);
  });
  expect(await Promise.all(composed)).toEqual(['result', 'error']);
});

describe('a future that would wait for itself fails with a TypeError', () => {
  const cycle = { name: 'TypeError', code: 'ERR_FUTURE_CYCLE' };

  test('by its hook', async () => {
    const composed: Future<unknown> = compose(some.fulfilled(1), () => composed);
    await expect(composed).rejects.toMatchObject(cycle);
    const other: Future<unknown> = compose(some.rejected(), null, () => other);
    await expect(other).rejects.toMatchObject(cycle);
  });

  test('by way of collect and compose', async () => {
    const composed: Future<unknown> = compose(some.fulfilled(1), () =>
      collect([some.pending(), compose(composed)]),
    );
    await expect(composed).rejects.toMatchObject(cycle);
  });

  test('by what another hook has returned', async () => {
    const gate = some.pending();
    const first: Future<unknown> = compose(some.fulfilled(1), () => second);
    const second: Future<unknown> = compose(gate, () => first);
    await settled();
    resolveFuture(gate, 1);
    await expect(second).rejects.toMatchObject(cycle);
    await expect(first).rejects.toMatchObject(cycle);
  });
});

test('a failure of what comes from no executor is counted, too', async () => {
  const before = failuresOfNobody.count;
  void compose(collect([]), () => {
    throw failure;
  });
  await settled();
  expect(failuresOfNobody.count).toBe(before + 1);
  jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  failuresOfNobody.warn();
  expect(process.emitWarning).toHaveBeenCalledTimes(1);
  jest.restoreAllMocks();
});
