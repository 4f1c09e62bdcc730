import { collect } from '../../lib/futures/collect.js';
import {
  rejectFuture,
  resolveFuture,
  settledValue,
  startFuture,
  Future,
} from '../../lib/futures/future.js';
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

// test_futures.py: Collect item_success
test('is a future of the results, in the order of the futures', async () => {
  const [one, two] = [some.pending<number>(), some.pending<string>()];
  const collected: Future<[number, string]> = collect([one, two]);
  expect(collected).toBeInstanceOf(Future);
  resolveFuture(two, 'two');
  await settled();
  expect(collected.state).toBe('pending');
  resolveFuture(one, 1);
  expect(await collected).toEqual([1, 'two']);
});

test('takes any iterable, with the type of its futures', async () => {
  const collected: Future<number[]> = collect(new Set([some.fulfilled(1), some.fulfilled(2)]));
  expect(await collected).toEqual([1, 2]);
  const list: Future<string>[] = ['a', 'b'].map((letter) => some.fulfilled(letter));
  const ofList: Future<string[]> = collect(list);
  expect(await ofList).toEqual(['a', 'b']);
});

// mpi4py: `collect`: order, duplicates, none; a failure or a cancellation cancels the others
// test_futures.py: Collect empty
test('of no futures is done at once', () => {
  const collected: Future<[]> = collect([]);
  expect(collected.state).toBe('fulfilled');
  expect(settledValue(collected)).toEqual([]);
});

// test_futures.py: Collect item_done
test('of futures that are done is done at once', () => {
  expect(settledValue(collect([some.fulfilled(1), some.fulfilled(2)]))).toEqual([1, 2]);
  expect(collect([some.fulfilled(1), some.rejected()]).state).toBe('rejected');
  expect(collect([some.cancelled(), some.fulfilled(1)]).state).toBe('cancelled');
});

test('gives the result of a future that is there twice twice', async () => {
  const [one, two] = [some.pending<number>(), some.fulfilled(2)];
  const collected = collect([one, two, one]);
  resolveFuture(one, 1);
  expect(await collected).toEqual([1, 2, 1]);
});

describe('a failure', () => {
  // test_futures.py: Collect item_failure
  test('becomes its failure and the cause of the cancellation of the others', async () => {
    const [bad, waiting, running, done] = [
      some.pending(),
      some.pending(),
      some.pending(),
      some.fulfilled(1),
    ];
    startFuture(running);
    const collected = collect([waiting, running, done, bad]);
    rejectFuture(bad, failure);
    await expect(collected).rejects.toBe(failure);
    expect([waiting.state, running.state, done.state]).toEqual([
      'cancelled',
      'running',
      'fulfilled',
    ]);
    await expect(waiting).rejects.toMatchObject({ cause: failure });
  });

  test('that is there already cancels the others at once', () => {
    const [before, after] = [some.pending(), some.pending()];
    collect([before, some.rejected(), after]).catch(() => undefined);
    expect([before.state, after.state]).toEqual(['cancelled', 'cancelled']);
  });

  test('that comes first wins', async () => {
    const [one, other] = [some.pending(), some.pending()];
    const collected = collect([one, other]);
    rejectFuture(other, failure);
    rejectFuture(one, new Error('later'));
    await expect(collected).rejects.toBe(failure);
  });

  test('is counted once, until somebody looks at the collected future', async () => {
    const [one, other] = [some.pending(), some.pending()];
    const collected = collect([one, other, some.pending()]);
    rejectFuture(one, failure);
    rejectFuture(other, new Error('later'));
    await settled();
    expect(some.failures.count).toBe(1);
    await collected.exception();
    expect(some.failures.count).toBe(0);
  });

  test('that is there already is counted once, too, looked at or not', async () => {
    const bad = some.rejected();
    const collected = collect([bad]);
    expect(some.failures.count).toBe(1);
    await collected.exception();
    expect(some.failures.count).toBe(0);
    void collect([bad]);
    expect(some.failures.count).toBe(1);
  });

  test('is counted where the future that failed comes from', async () => {
    const others = new SomeFutures();
    const bad = others.pending();
    void collect([some.pending(), bad]);
    rejectFuture(bad, failure);
    await settled();
    expect([some.failures.count, others.failures.count]).toEqual([0, 1]);
  });

  test('leaves no callback at a future that goes on', async () => {
    const [bad, longLived] = [some.pending(), some.pending()];
    startFuture(longLived);
    const collected = collect([longLived, bad]);
    rejectFuture(bad, failure);
    await collected.exception();
    expect(callbacksLeft(longLived)).toBe(0);
  });
});

describe('a cancellation', () => {
  // mpi4py: `collect`: order, duplicates, none; a failure or a cancellation cancels the others
  // test_futures.py: Collect item_cancel
  test('of one cancels it and the others, with the reason', async () => {
    const [one, other] = [some.pending(), some.pending()];
    const collected = collect([one, other]);
    one.cancel('not needed');
    await settled();
    expect([collected.state, other.state]).toEqual(['cancelled', 'cancelled']);
    await expect(collected).rejects.toMatchObject({ cause: 'not needed' });
    await expect(other).rejects.toMatchObject({ cause: 'not needed' });
  });

  // test_futures.py: Collect cancel
  test('of it cancels all that have not started, with the reason', async () => {
    const [waiting, running, done] = [some.pending(), some.pending(), some.fulfilled(1)];
    startFuture(running);
    const collected = collect([waiting, running, done]);
    expect(collected.cancel('enough')).toBe(true);
    expect([waiting.state, running.state, done.state]).toEqual([
      'cancelled',
      'running',
      'fulfilled',
    ]);
    await expect(waiting).rejects.toMatchObject({ cause: 'enough' });
    expect(callbacksLeft(running)).toBe(0);
  });

  test('of it drops what fails later', async () => {
    const running = some.pending();
    startFuture(running);
    const collected = collect([running]);
    collected.cancel();
    rejectFuture(running, failure);
    await settled();
    expect(collected.state).toBe('cancelled');
    expect(some.failures.count).toBe(0);
  });

  test('wins over a result that has not been passed on', async () => {
    const future = some.pending();
    const collected = collect([future]);
    resolveFuture(future, 1);
    expect(collected.cancel()).toBe(true);
    await settled();
    expect(collected.state).toBe('cancelled');
  });

  test('goes through collections of collections', () => {
    const future = some.pending();
    collect([collect([future]), collect([some.fulfilled(1)])]).cancel();
    expect(future.state).toBe('cancelled');
  });
});

test.each<[string, unknown, string]>([
  ['one future', new SomeFutures().pending(), 'an iterable of futures for futures'],
  ['nothing', undefined, 'received undefined'],
  ['a promise', [new SomeFutures().pending(), Promise.resolve()], 'futures[1]'],
])('refuses %s', (_, futures, message) => {
  const call = () => collect(futures as never);
  expect(call).toThrow(TypeError);
  expect(call).toThrow(message);
});

test('cancels nothing if it refuses', () => {
  const future = some.pending();
  expect(() => collect([future, 42] as never)).toThrow('received 42');
  expect(future.state).toBe('pending');
});
