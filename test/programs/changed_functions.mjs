/** Functions that were changed after their definition, and what maps and set-ups do with functions. */

import assert from 'node:assert/strict';
import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';

const thousand = 1000;

function withFactor(x) {
  return x * withFactor.factor;
}
withFactor.factor = 3;

function remembers(x) {
  return remembers.cache.get(x);
}
remembers.cache = new Map([[1, 'one']]);

class Shape {
  area() {
    return 0;
  }
}
Shape.prototype.area = () => 7;

function OldPoint(x) {
  this.x = x;
}
OldPoint.prototype.double = function double() {
  return 2 * this.x;
};

let step = (x) => x + thousand;
const firstStep = step;
step = (x) => x * thousand;

const inOrder = [(x) => x + thousand, (x) => x - thousand];
const [plus] = inOrder;
inOrder.reverse();

if (isMain) {
  const pool = new PoolExecutor();

  await check('properties of a function of the module', async () => {
    assert.equal(await pool.submit(withFactor, 3), 9);
    assert.equal(await pool.submit(remembers, 1), 'one');
  });

  await check('methods that were added to a class or a constructor', async () => {
    assert.equal(await pool.submit((shape) => shape.area(), new Shape()), 7);
    assert.equal(await pool.submit((point) => point.double(), new OldPoint(4)), 8);
  });

  await check('a function whose variable has another one by now', async () => {
    assert.equal(await pool.submit(firstStep, 5), 1005);
    assert.equal(await pool.submit(step, 5), 5000);
    assert.equal(await pool.submit((f) => f, step), step);
    assert.equal(await pool.submit((f) => f, firstStep), firstStep);
  });

  await check('a function whose place in an array has another one by now', async () => {
    assert.equal(await pool.submit(plus, 5), 1005);
  });

  await check(
    'properties that the text of a function does not have are refused by name',
    async () => {
      const inner = (x) => x * inner.factor;
      inner.factor = 2;
      await assert.rejects(pool.submit(inner, 1), { name: 'DataCloneError', message: /factor/ });
    },
  );

  await check('import.meta in a text stays', async () => {
    const text = await pool.submit(() => `import.meta ${'import.meta'} ${typeof import.meta.url}`);
    assert.equal(text, 'import.meta import.meta string');
  });

  await check('a map reads what its function captures once', async () => {
    let reads = 0;
    const settings = {
      get factor() {
        reads++;
        return 2;
      },
    };
    const factors = await pool.map((x) => x * settings.factor, [1, 2, 3, 4]).toArray();
    assert.deepEqual(factors, [2, 4, 6, 8]);
    assert.equal(reads, 1);
  });

  await check('JSON that values make of themselves is not sent in their place', async () => {
    const value = Object.defineProperty({ a: 1 }, 'toJSON', { value: () => 'other' });
    assert.equal(await pool.submit(({ a }) => a, value), 1);
  });

  await check('an initializer that throws on every worker fails every future', async () => {
    const broken = new PoolExecutor({
      initializer: () => {
        throw new RangeError('no');
      },
    });
    const futures = Array.from({ length: 20 }, (_, i) => broken.submit((x) => x, i));
    for (const { status, reason } of await Promise.allSettled(futures)) {
      assert.equal(status, 'rejected');
      assert.equal(reason.code, 'ERR_BROKEN_EXECUTOR');
      assert.ok(reason.cause instanceof RangeError);
    }
    await broken.shutdown();
  });

  await check('the pool works on', async () => {
    assert.equal(await pool.submit((x) => x + 1, 1), 2);
  });
  await pool.shutdown();
}
