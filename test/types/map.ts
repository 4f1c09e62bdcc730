/** As submit.ts, for `map` and `starmap`. */

import type { MapResults, PoolExecutor } from '../../lib/index.js';
import { is } from './equal.js';

declare const pool: PoolExecutor;
declare const stream: AsyncIterable<string>;
declare const signal: AbortSignal;
declare function numbers(): Generator<number>;

const add = (a: number, b: number): number => a + b;
const greet = (name: string, greeting = 'Hello'): string => `${greeting}, ${name}`;
const later = async (text: string): Promise<number> => Promise.resolve(text.length);

export function results(): void {
  is<MapResults<number>>()(pool.map(add, [1, 2], [3, 4]));
  is<MapResults<number>>()(pool.map(add, new Set([1]), numbers()));
  is<MapResults<number>>()(pool.map(later, ['a', 'b']));
  is<MapResults<string>>()(pool.map(greet, ['a'], ['b']));
  is<MapResults<number>>()(pool.map(Math.abs, Float64Array.of(1, 2)));
}

export function inlineArrowsInferTheirParameters(): void {
  is<MapResults<number>>()(pool.map((x) => x * 2, [1, 2, 3]));
  is<MapResults<string>>()(pool.map((text, times) => text.repeat(times), ['a', 'b'], [1, 2]));
  is<MapResults<number>>()(pool.map(({ size }) => size, [{ size: 1 }]));
  is<MapResults<number>>()(pool.map((x) => x + 1, numbers()));
  is<MapResults<string>>()(pool.map(([key, value]) => key + value.toFixed(), new Map([['a', 1]])));
  is<MapResults<string>>()(pool.map((letter) => letter.toUpperCase(), 'letters'));
  pool.map((x, text, flag) => {
    is<number>()(x);
    is<string>()(text);
    is<boolean>()(flag);
  }, [1], ['text'], new Set<boolean>()); // prettier-ignore
}

export function asyncSources(): void {
  is<MapResults<number>>()(pool.map((line) => line.length, stream));
  is<MapResults<string>>()(pool.map((line, x) => line + x.toFixed(), stream, [1, 2]));
  is<MapResults<number>>()(pool.map(later, stream));
}

export function optionsComeLast(): void {
  is<MapResults<number>>()(pool.map(add, [1], [2], { chunkSize: 10 }));
  is<MapResults<number>>()(pool.map((x) => x * 2, [1, 2], { unordered: true, signal }));
  is<MapResults<string>>()(pool.map((s, n) => s.repeat(n), ['a'], [1], { timeout: 100 }));
  is<MapResults<number>>()(pool.map((line) => line.length, stream, { bufferSize: 10 }));
  is<MapResults<number>>()(pool.map((x) => x, numbers(), {}));
}

export function tuples(): void {
  is<MapResults<number>>()(pool.starmap(add, [[1, 2]]));
  is<MapResults<number>>()(pool.starmap(Math.max, [[1, 2], [3]]));
  is<MapResults<string>>()(pool.starmap(greet, [['a'], ['b', 'c']]));
  is<MapResults<string>>()(pool.starmap((text, n) => text.repeat(n), [['a', 1] as const]));
  is<MapResults<string>>()(pool.starmap((key, n) => key.repeat(n), new Map([['a', 1]])));
  is<MapResults<number>>()(pool.starmap(add, [[1, 2]], { chunkSize: 2 }));
}

export async function taken(): Promise<void> {
  for await (const result of pool.map(add, [1], [2])) is<number>()(result);
  is<number[]>()(await pool.map(later, ['a']).toArray());
  const step = await pool.map(add, [1], [2]).next();
  if (step.done !== true) is<number>()(step.value);
}

export function wrongCalls(): void {
  // @ts-expect-error: a source is missing
  pool.map(add, [1]);
  // @ts-expect-error: a source too many
  pool.map(add, [1], [2], [3]);
  // @ts-expect-error: elements of the wrong type
  pool.map(add, [1], ['2']);
  // @ts-expect-error: elements of the wrong type, of an async source
  pool.map(add, [1], stream);
  // @ts-expect-error: no source
  pool.map((x: number) => x, 5);
  // @ts-expect-error: no function
  pool.map(5, [1]);
  // @ts-expect-error: the option is called chunkSize
  pool.map(add, [1], [2], { chunksize: 10 });
  // @ts-expect-error: the option is called bufferSize
  pool.map((x) => x, [1], { bufferLength: 10 });
  // @ts-expect-error: an option of the wrong type
  pool.map(add, [1], [2], { chunkSize: '10' });
  // @ts-expect-error: options come last
  pool.map(add, { chunkSize: 10 }, [1], [2]);
  // @ts-expect-error: too short a tuple
  pool.starmap(add, [[1]]);
  // @ts-expect-error: a tuple with elements of the wrong type
  pool.starmap(add, [[1, '2']]);
  // @ts-expect-error: elements that are no tuples
  pool.starmap(add, [1, 2]);
  // @ts-expect-error: an unknown option
  pool.starmap(add, [[1, 2]], { chunk: 2 });
}
