/** As submit.ts, for futures and what is made of them, and for executors. */

// This file passes promises where futures are expected, on purpose.
/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment */

import {
  asCompleted,
  collect,
  compose,
  FIRST_COMPLETED,
  Future,
  PoolExecutor,
  wait,
  type ExecutorStatistics,
  type FutureState,
} from '../../lib/index.js';
import { is } from './equal.js';

declare const number: Future<number>;
declare const text: Future<string>;
declare const numbers: Future<number>[];
declare const set: Set<Future<string>>;
declare const promise: Promise<number>;

export function states(): void {
  is<FutureState>()(number.state);
  is<boolean>()(number.cancel('reason'));
  number.addDoneCallback((future) => is<Future<number>>()(future));
  // @ts-expect-error: a future is made by executors only
  new Future(() => undefined);
}

export async function waiting(): Promise<void> {
  const { done, notDone } = await wait(numbers, { timeout: 10, returnWhen: FIRST_COMPLETED });
  is<Set<Future<number>>>()(done);
  is<Set<Future<number>>>()(notDone);
  is<Set<Future<number> | Future<string>>>()((await wait([number, text])).done);
  is<Set<Future<string>>>()((await wait(set)).done);
  // @ts-expect-error: no futures
  await wait([Promise.resolve(1)]);
  // @ts-expect-error: no such word
  await wait(numbers, { returnWhen: 'ANY' });
  // @ts-expect-error: no such option
  await wait(numbers, { return_when: FIRST_COMPLETED });
}

export async function completing(): Promise<void> {
  for await (const future of asCompleted(numbers, { timeout: 10 })) {
    const same: Future<number> = future;
    is<number>()(await same.result());
    is<number>()(await future.result());
  }
  // @ts-expect-error: no such option
  asCompleted(numbers, { returnWhen: FIRST_COMPLETED });
}

export function collecting(): void {
  is<Future<[number, string]>>()(collect([number, text]));
  is<Future<number[]>>()(collect(numbers));
  is<Future<string[]>>()(collect(set));
  is<Future<[]>>()(collect([]));
  // @ts-expect-error: no futures
  void collect([1, 2]);
}

export function composing(): void {
  is<Future<number>>()(compose(number));
  is<Future<string>>()(compose(number, (x) => x.toFixed()));
  is<Future<string>>()(compose(number, async (x) => Promise.resolve(x.toFixed())));
  is<Future<number>>()(compose(text, () => number));
  is<Future<number | 'none'>>()(compose(number, null, () => 'none' as const));
  is<Future<number>>()(compose(number, null, () => new RangeError('no')));
  // @ts-expect-error: the hook takes a number
  void compose(number, (x: string) => x);
  // @ts-expect-error: no future
  void compose(promise);
}

export function executors(): void {
  const pool = new PoolExecutor(2, { cwd: '/' });
  is<PoolExecutor>()(new PoolExecutor());
  is<Promise<PoolExecutor>>()(pool.bootup());
  is<number>()(pool.numWorkers);
  is<Promise<void>>()(pool.shutdown({ wait: false, cancelFutures: true }));
  is<ExecutorStatistics>()(pool.stats());
  new PoolExecutor({ initializer: (a: number, b: string) => b.repeat(a), initArgs: [1, 'b'] });
  new PoolExecutor({ env: new Map([['NAME', 'value']]), globals: { answer: 42 }, mpiInfo: [] });
  // @ts-expect-error: the option is called maxWorkers
  new PoolExecutor({ max_workers: 2 });
  // @ts-expect-error: no number
  new PoolExecutor('2');
  // @ts-expect-error: values of the environment are strings
  new PoolExecutor({ env: { NAME: 1 } });
  // @ts-expect-error: the option is called cancelFutures
  void pool.shutdown({ cancel_futures: true });
}

export async function disposing(): Promise<void> {
  await using pool = new PoolExecutor();
  is<PoolExecutor>()(pool);
}
