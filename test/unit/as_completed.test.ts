import { asCompleted } from '../../lib/futures/as_completed.js';
import { rejectFuture, resolveFuture, type Future } from '../../lib/futures/future.js';
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

const end = { done: true, value: undefined };

async function take(iterator: AsyncIterator<unknown>, count: number): Promise<unknown[]> {
  const values: unknown[] = [];
  while (values.length < count) values.push((await iterator.next()).value);
  return values;
}

test('gives the futures that are done first, in their order', async () => {
  const futures = [some.pending(), some.fulfilled(1), some.rejected(), some.cancelled()] as const;
  const iterator = asCompleted(futures);
  resolveFuture(futures[0], 0);
  expect(await take(iterator, 4)).toEqual([...futures.slice(1), futures[0]]);
  expect(await iterator.next()).toEqual(end);
});

test('gives the others in the order in which they end', async () => {
  const [one, two, three] = [some.pending(), some.pending(), some.pending()];
  const iterator = asCompleted([one, two, three]);
  rejectFuture(three, failure);
  one.cancel();
  expect(await take(iterator, 2)).toEqual([three, one]);
  const last = iterator.next();
  resolveFuture(two, 2);
  expect(await last).toEqual({ done: false, value: two });
  expect(await iterator.next()).toEqual(end);
});

test('gives futures, not results, in a for await loop, with their type', async () => {
  const names = new Map<Future<number>, string>([[some.fulfilled(42), 'the answer']]);
  const seen: unknown[] = [];
  for await (const future of asCompleted(names.keys())) {
    const result: number = await future.result();
    seen.push(names.get(future), result);
  }
  expect(seen).toEqual(['the answer', 42]);
});

test('gives a future that is there twice once', async () => {
  const [done, pending] = [some.fulfilled(1), some.pending()];
  const iterator = asCompleted([done, pending, done, pending]);
  resolveFuture(pending, 2);
  expect(await take(iterator, 2)).toEqual([done, pending]);
  expect(await iterator.next()).toEqual(end);
});

test('of no futures is over at once', async () => {
  expect(await asCompleted([], { timeout: 0 }).next()).toEqual(end);
});

test('can be asked for more before the first is there', async () => {
  const [one, other] = [some.pending(), some.pending()];
  const iterator = asCompleted([one, other]);
  const asked = [iterator.next(), iterator.next(), iterator.next()];
  resolveFuture(other, 2);
  resolveFuture(one, 1);
  expect(await Promise.all(asked)).toEqual([
    { done: false, value: other },
    { done: false, value: one },
    end,
  ]);
});

test('is not to look at a failure', async () => {
  const futures = [some.rejected(), some.pending()] as const;
  const iterator = asCompleted(futures);
  rejectFuture(futures[1], failure);
  await take(iterator, 2);
  expect(some.failures.count).toBe(2);
});

describe('timeout', () => {
  test('of 0 gives what is done, then is a TimeoutError with the counts, then the end', async () => {
    const [done, ...pending] = [some.fulfilled(1), some.pending(), some.pending()];
    const iterator = asCompleted([done, ...pending], { timeout: 0 });
    expect(await iterator.next()).toEqual({ done: false, value: done });
    await expect(iterator.next()).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
      message: 'Expected all futures to be done within 0 ms but 2 of 3 were not',
    });
    expect(await iterator.next()).toEqual(end);
    expect(pending.map(({ state }) => state)).toEqual(['pending', 'pending']);
  });

  test('counts from the call, for all futures', async () => {
    useFakeTimers();
    const [one, other] = [some.pending(), some.pending()];
    const iterator = asCompleted([one, other], { timeout: 1000 });
    const first = iterator.next();
    await jest.advanceTimersByTimeAsync(600);
    resolveFuture(one, 1);
    expect(await first).toEqual({ done: false, value: one });
    const second = iterator.next();
    const refusal = expect(second).rejects.toThrow('1 of 2 were not');
    await jest.advanceTimersByTimeAsync(400);
    await refusal;
  });

  test('still gives what was done when time was up', async () => {
    useFakeTimers();
    const [one, other] = [some.pending(), some.pending()];
    const iterator = asCompleted([one, other], { timeout: 10 });
    resolveFuture(other, 1);
    await jest.advanceTimersByTimeAsync(20);
    resolveFuture(one, 1); // its callback has not been called when it is asked for
    const asked = [iterator.next(), iterator.next(), iterator.next()];
    expect(await Promise.all(asked)).toEqual([
      { done: false, value: other },
      { done: false, value: one },
      end,
    ]);
  });

  test('is for one of those who wait, and the end for the others', async () => {
    useFakeTimers();
    const iterator = asCompleted([some.pending()], { timeout: 10 });
    const asked = Promise.allSettled([iterator.next(), iterator.next()]);
    await jest.advanceTimersByTimeAsync(10);
    expect(await asked).toMatchObject([
      { status: 'rejected', reason: { code: 'ERR_TIMEOUT' } },
      { status: 'fulfilled', value: end },
    ]);
  });

  test('is for those who still wait when what is done just in time has been given', async () => {
    useFakeTimers();
    const [one, other] = [some.pending(), some.pending()];
    const iterator = asCompleted([one, other], { timeout: 10 });
    const asked = Promise.allSettled([iterator.next(), iterator.next()]);
    resolveFuture(one, 1);
    jest.advanceTimersByTime(10); // before its callback is called
    expect(await asked).toMatchObject([
      { status: 'fulfilled', value: { value: one } },
      { status: 'rejected', reason: { code: 'ERR_TIMEOUT' } },
    ]);
  });

  test('has a timer only while somebody waits', async () => {
    useFakeTimers();
    const [one, other] = [some.pending(), some.pending()];
    const iterator = asCompleted([one, other], { timeout: 1000 });
    expect(jest.getTimerCount()).toBe(0);
    const first = iterator.next();
    expect(jest.getTimerCount()).toBe(1);
    resolveFuture(one, 1);
    await first;
    expect(jest.getTimerCount()).toBe(0);
  });

  test('leaves no callback at a future that goes on', async () => {
    const longLived = some.pending();
    await expect(asCompleted([longLived], { timeout: 0 }).next()).rejects.toThrow('1 of 1');
    expect(callbacksLeft(longLived)).toBe(0);
  });
});

describe('return', () => {
  test('is what leaving the loop does: no callback is left, nothing cancelled', async () => {
    const [done, longLived] = [some.fulfilled(1), some.pending()];
    for await (const future of asCompleted([done, longLived])) if (future === done) break;
    expect(longLived.state).toBe('pending');
    expect(callbacksLeft(longLived)).toBe(0);
  });

  test('ends the wait of those who wait, and the timer', async () => {
    useFakeTimers();
    const iterator = asCompleted([some.pending()], { timeout: 1000 });
    const next = iterator.next();
    expect(await iterator.return()).toEqual(end);
    expect(await next).toEqual(end);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('drops what was not taken', async () => {
    const iterator = asCompleted([some.fulfilled(1)]);
    await iterator[Symbol.asyncDispose]();
    expect(await iterator.next()).toEqual(end);
  });

  test('is final, even for a future that is about to call back', async () => {
    const future = some.pending();
    const iterator = asCompleted([future]);
    resolveFuture(future, 1);
    await iterator.return();
    await settled();
    expect(await iterator.next()).toEqual(end);
  });
});

test.each<[string, unknown, unknown, string]>([
  ['one future', new SomeFutures().pending(), {}, 'an iterable of futures for futures'],
  ['a promise', [new SomeFutures().pending(), Promise.resolve()], {}, 'futures[1]'],
  ['a bare time', [], 1000, 'an object for the options of asCompleted'],
  ['a misspelt option', [], { timeOut: 1 }, 'did you mean timeout?'],
  ['a timeout of no number', [], { timeout: '1' }, 'milliseconds'],
])('refuses %s, at the call', (_, futures, options, message) => {
  const call = () => asCompleted(futures as never, options as never);
  expect(call).toThrow(TypeError);
  expect(call).toThrow(message);
});

test('refuses a negative timeout, at the call', () => {
  expect(() => asCompleted([], { timeout: -1 })).toThrow(RangeError);
});
