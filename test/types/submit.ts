/** Calls that must compile, calls that must not, and the types that come out. Checked by `npm run typecheck`, never run. */

import type { Future, PoolExecutor } from '../../lib/index.js';
import { is } from './equal.js';

declare const pool: PoolExecutor;

const add = (a: number, b: number): number => a + b;
const greet = (name: string, greeting = 'Hello'): string => `${greeting}, ${name}`;
const nothing = (): void => undefined;
const sum = (...numbers: number[]): number => numbers.reduce((a, b) => a + b, 0);
const later = async (text: string): Promise<number> => Promise.resolve(text.length);
const first = <T>(list: readonly T[]): T | undefined => list[0];
const thenable = (): PromiseLike<'deep'> => Promise.resolve('deep');

export function results(): void {
  is<Future<number>>()(pool.submit(add, 1, 2));
  is<Future<string>>()(pool.submit(greet, 'you'));
  is<Future<string>>()(pool.submit(greet, 'you', 'Good evening'));
  is<Future<number>>()(pool.submit(sum, 1, 2, 3, 4));
  is<Future<number>>()(pool.submit(sum));
  is<Future<number>>()(pool.submit(() => 42));
  is<Future<void>>()(pool.submit(nothing));
}

export function resultsAreAwaited(): void {
  is<Future<number>>()(pool.submit(later, 'text'));
  is<Future<'deep'>>()(pool.submit(thenable));
  const sometimesLater = (now: boolean): number | Promise<string> =>
    now ? 1 : later('one').then(String);
  is<Future<number | string>>()(pool.submit(sometimesLater, true));
}

export function inlineArrowsInferTheirParameters(): void {
  is<Future<number>>()(pool.submit((x) => x * 2, 21));
  is<Future<string>>()(pool.submit((text, times) => text.repeat(times), 'ab', 3));
  is<Future<number>>()(pool.submit(({ size }) => size, { size: 3 }));
  is<Future<number | undefined>>()(pool.submit(async (list) => list.at(0), [1, 2, 3]));
  void pool.submit((x, text) => {
    is<number>()(x);
    is<string>()(text);
  }, 1, 'text'); // prettier-ignore
}

export function genericAndOverloadedFunctions(): void {
  is<Future<number | undefined>>()(pool.submit(first<number>, [1, 2]));
  is<Future<number>>()(pool.submit(Math.max, 1, 2, 3));
  is<Future<string>>()(pool.submit(String, 42));
  is<Future<number>>()(pool.submit(parseInt, '42', 10));
  is<Future<Map<string, number>>>()(pool.submit(() => new Map([['one', 1]])));
}

export function aFutureIsAPromise(): void {
  const promise: Promise<number> = pool.submit(add, 1, 2);
  is<Promise<number>>()(promise);
  is<Promise<string>>()(pool.submit(add, 1, 2).then((x) => x.toFixed()));
  is<Promise<[number, string]>>()(Promise.all([pool.submit(add, 1, 2), pool.submit(greet, 'you')]));
}

export async function awaited(): Promise<void> {
  is<number>()(await pool.submit(add, 1, 2));
  is<number>()(await pool.submit(add, 1, 2).result({ timeout: 10 }));
  is<unknown>()(await pool.submit(add, 1, 2).exception());
}

export function wrongCalls(): void {
  // @ts-expect-error: an argument is missing
  void pool.submit(add, 1);
  // @ts-expect-error: an argument too many
  void pool.submit(add, 1, 2, 3);
  // @ts-expect-error: an argument of the wrong type
  void pool.submit(add, 1, '2');
  // @ts-expect-error: one of the rest has the wrong type
  void pool.submit(sum, 1, 'two');
  // @ts-expect-error: no function
  void pool.submit(42);
  // @ts-expect-error: no function at all
  void pool.submit();
  // @ts-expect-error: submit takes no options, only arguments
  void pool.submit(add, 1, 2, { timeout: 10 });
  // @ts-expect-error: the result is no string
  void pool.submit((x: number) => x, 1).then((text: string) => text);
}
