/** Functions in a test file, which no worker can import: there is no `test` for it to call. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import { PoolExecutor } from 'mpi-futures';
import * as helper from './helper.mjs';

jest.setTimeout(600_000);
const scale = 3;
const scaled = (x) => x * scale;
class InTest {
  constructor(x) {
    this.x = x;
  }
  get() {
    return scaled(this.x);
  }
}

let pool;
beforeAll(() => {
  pool = new PoolExecutor({ maxWorkers: 1 });
});
afterAll(() => pool.shutdown());

test('inline', async () => {
  const k = 4;
  expect(await pool.submit((x) => x * 2, 21)).toBe(42);
  expect(await pool.submit((x) => x * k * scale, 2)).toBe(24);
});
test('of the test file', async () => {
  expect(await pool.submit(scaled, 2)).toBe(6);
  expect(await pool.submit((x) => scaled(x) + 1, 2)).toBe(7);
  expect(await pool.map(scaled, [1, 2]).toArray()).toEqual([3, 6]);
});
test('of a module', async () => {
  expect(await pool.submit(helper.times, 2)).toBe(10);
  expect(await pool.submit((x) => helper.times(x), 2)).toBe(10);
  expect(await pool.submit(helper.adder(1), 2)).toBe(8);
  expect([await pool.submit(helper.increment), await pool.submit(helper.increment)]).toEqual([
    1, 2,
  ]);
});
test('variables of a module that are not constant', async () => {
  helper.set('now');
  expect(await pool.submit(helper.reading())).toEqual(['now', 5]);
});
test('instances', async () => {
  const [box, opened] = await pool.submit((box) => [box, box.open()], new helper.Box(2));
  expect(box).toBeInstanceOf(helper.Box);
  expect(opened).toBe(10);
  const made = await pool.submit((x) => new InTest(x), 2);
  expect(made).toBeInstanceOf(InTest);
  expect(await pool.submit((it) => it.get(), made)).toBe(6);
});
test('built-ins', async () => {
  expect(await pool.submit(Math.pow, 2, 3)).toBe(8);
  expect(await pool.submit(path.join, 'a', 'b')).toBe('a/b');
  expect(await pool.submit((x) => path.basename(x), '/a/b')).toBe('b');
  expect(await pool.submit(structuredClone, { a: 1 })).toEqual({ a: 1 });
});
test('values and identity', async () => {
  const value = { list: [1, new Map([[1, new Set([2])]]), new Date(5), new Float64Array(3)] };
  expect(await pool.submit((x) => x, value)).toEqual(value);
  const functions = [helper.times, scaled, InTest, Math.pow];
  const back = await pool.submit((x) => x, functions);
  expect(back.map((fn, i) => fn === functions[i])).toEqual([true, true, true, true]);
});
test('what does not exist', async () => {
  expect(await pool.submit(() => typeof thereIsNoSuchThing)).toBe('undefined');
});
test('errors', async () => {
  const fail = () => {
    throw new RangeError('out'); // here
  };
  const error = await pool.submit(fail).catch((error) => error);
  expect(error).toBeInstanceOf(RangeError);
  const file = fileURLToPath(import.meta.url);
  const line = readFileSync(file, 'utf8').split('// here')[0].split('\n').length;
  expect(error.stack).toMatch(`functions.test.mjs:${line}:`);
});
