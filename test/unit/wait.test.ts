import { rejectFuture, resolveFuture, startFuture, type Future } from '../../lib/futures/future.js';
import {
  ALL_COMPLETED,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  wait,
  type ReturnWhen,
} from '../../lib/futures/wait.js';
import { callbacksLeft, failure, settled, SomeFutures, useFakeTimers } from './some_futures.js';

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
afterEach(() => jest.useRealTimers());

/** True if `promise` is settled when everything that is due has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let isOver = false;
  promise.then(
    () => (isOver = true),
    () => (isOver = true),
  );
  await settled();
  return isOver;
}

describe('ALL_COMPLETED', () => {
  test('is the default, and waits for successes, failures and cancellations', async () => {
    const futures = [some.pending(), some.pending(), some.pending()] as const;
    const waiting = wait(futures);
    resolveFuture(futures[0], 1);
    rejectFuture(futures[1], failure);
    expect(await isSettled(waiting)).toBe(false);
    futures[2].cancel();
    expect(await waiting).toEqual({ done: new Set(futures), notDone: new Set() });
  });

  test('has nothing to wait for if all are done', async () => {
    const futures = [some.fulfilled(1), some.rejected(), some.cancelled()];
    const { done, notDone } = await wait(futures, { returnWhen: ALL_COMPLETED });
    expect([...done]).toEqual(futures);
    expect(notDone.size).toBe(0);
  });
});

describe('FIRST_COMPLETED', () => {
  test.each<[string, (future: Future<unknown>) => void]>([
    ['succeeds', (future) => resolveFuture(future, 1)],
    ['fails', (future) => rejectFuture(future, failure)],
    ['is cancelled', (future) => future.cancel()],
  ])('ends when one %s', async (_, settle) => {
    const [one, other] = [some.pending(), some.pending()];
    const waiting = wait([one, other], { returnWhen: FIRST_COMPLETED });
    startFuture(other);
    expect(await isSettled(waiting)).toBe(false);
    settle(one);
    expect(await waiting).toEqual({ done: new Set([one]), notDone: new Set([other]) });
  });

  test('ends at once if one is done, and has all that are', async () => {
    const [pending, done, cancelled] = [some.pending(), some.fulfilled(1), some.cancelled()];
    const result = await wait([pending, done, cancelled], { returnWhen: FIRST_COMPLETED });
    expect([...result.done]).toEqual([done, cancelled]);
    expect([...result.notDone]).toEqual([pending]);
  });

  test('has all that are done together', async () => {
    const futures = [some.pending(), some.pending()];
    const waiting = wait(futures, { returnWhen: FIRST_COMPLETED });
    for (const future of futures) resolveFuture(future, 1);
    expect((await waiting).done.size).toBe(2);
  });
});

describe('FIRST_EXCEPTION', () => {
  test('ends when one fails, not when one succeeds or is cancelled', async () => {
    const [ok, cancelled, bad, slow] = [
      some.pending(),
      some.pending(),
      some.pending(),
      some.pending(),
    ];
    const waiting = wait([ok, cancelled, bad, slow], { returnWhen: FIRST_EXCEPTION });
    resolveFuture(ok, 1);
    cancelled.cancel();
    expect(await isSettled(waiting)).toBe(false);
    rejectFuture(bad, failure);
    const { done, notDone } = await waiting;
    expect([...done]).toEqual([ok, cancelled, bad]);
    expect([...notDone]).toEqual([slow]);
  });

  test('ends at once if one has failed', async () => {
    const [bad, pending] = [some.rejected(), some.pending()];
    const { done, notDone } = await wait([bad, pending], { returnWhen: FIRST_EXCEPTION });
    expect([[...done], [...notDone]]).toEqual([[bad], [pending]]);
  });

  test('is ALL_COMPLETED if none fails', async () => {
    const futures = [some.cancelled(), some.pending()] as const;
    const waiting = wait(futures, { returnWhen: FIRST_EXCEPTION });
    expect(await isSettled(waiting)).toBe(false);
    resolveFuture(futures[1], 1);
    expect((await waiting).notDone.size).toBe(0);
  });
});

describe('timeout', () => {
  test('ends the wait without an error', async () => {
    useFakeTimers();
    const [done, pending] = [some.fulfilled(1), some.pending()];
    const waiting = wait([done, pending], { timeout: 1000 });
    await jest.advanceTimersByTimeAsync(999);
    expect(await isSettled(waiting)).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(await waiting).toEqual({ done: new Set([done]), notDone: new Set([pending]) });
  });

  test('of 0 takes what is done, without a timer', async () => {
    useFakeTimers();
    const [done, pending] = [some.fulfilled(1), some.pending()];
    const { notDone } = await wait([done, pending], { timeout: 0 });
    expect([...notDone]).toEqual([pending]);
  });

  test('leaves no timer when the wait ends earlier', async () => {
    useFakeTimers();
    const future = some.pending();
    const waiting = wait([future], { timeout: 1000 });
    expect(jest.getTimerCount()).toBe(1);
    resolveFuture(future, 1);
    await waiting;
    expect(jest.getTimerCount()).toBe(0);
  });

  test.each([Infinity, 2 ** 40])('of %p is none', async (timeout) => {
    useFakeTimers();
    const future = some.pending();
    const waiting = wait([future], { timeout });
    expect(jest.getTimerCount()).toBe(0);
    resolveFuture(future, 1);
    expect((await waiting).done.size).toBe(1);
  });
});

test.each<ReturnWhen>([ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION])(
  'no futures are no wait: %s',
  async (returnWhen) => {
    expect(await wait([], { returnWhen })).toEqual({ done: new Set(), notDone: new Set() });
  },
);

test('a future that is there twice counts once', async () => {
  const future = some.pending();
  const waiting = wait([future, future]);
  resolveFuture(future, 1);
  expect([...(await waiting).done]).toEqual([future]);
});

test('takes any iterable, as it is at the call', async () => {
  const futures = new Set([some.fulfilled(1), some.fulfilled(2)]);
  function* generate() {
    yield* futures;
  }
  const waiting = [wait(futures), wait(generate())];
  futures.clear();
  for (const { done } of await Promise.all(waiting)) expect(done.size).toBe(2);
});

test('is not to look at a failure', async () => {
  const futures = [some.rejected(), some.pending()] as const;
  const waiting = wait(futures);
  rejectFuture(futures[1], failure);
  await waiting;
  expect(some.failures.count).toBe(2);
});

test('leaves no callback at a future that goes on', async () => {
  const [one, longLived] = [some.pending(), some.pending()];
  const waiting = wait([one, longLived], { returnWhen: FIRST_COMPLETED });
  resolveFuture(one, 1);
  await waiting;
  expect(callbacksLeft(longLived)).toBe(0);
});

test('leaves no callback after a timeout', async () => {
  useFakeTimers();
  const longLived = some.pending();
  const waiting = wait([longLived], { timeout: 10 });
  await jest.advanceTimersByTimeAsync(10);
  await waiting;
  expect(callbacksLeft(longLived)).toBe(0);
});

test.each<[string, unknown, unknown, string]>([
  ['one future', new SomeFutures().pending(), {}, 'an iterable of futures for futures'],
  ['nothing', undefined, {}, 'received undefined'],
  ['a promise', [new SomeFutures().pending(), Promise.resolve()], {}, 'futures[1]'],
  ['what only looks like a future', [{ state: 'pending' }], {}, 'futures[0]'],
  ['a bare time', [], 1000, 'an object for the options of wait'],
  ['a misspelt option', [], { return_when: ALL_COMPLETED }, 'did you mean returnWhen?'],
  ['an unknown ending', [], { returnWhen: 'FIRST' }, "one of 'FIRST_COMPLETED'"],
  ['a timeout of no number', [], { timeout: null }, 'milliseconds'],
])('refuses %s', async (_, futures, options, message) => {
  const waiting = wait(futures as never, options as never);
  await expect(waiting).rejects.toThrow(TypeError);
  await expect(waiting).rejects.toThrow(message);
});

test('refuses a negative timeout', async () => {
  await expect(wait([], { timeout: -1 })).rejects.toThrow(RangeError);
});
