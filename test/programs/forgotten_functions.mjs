/** Functions that nothing else refers to, most of `new Function`, wherever functions can be, while garbage is collected. */

import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';

let made = 0;

/** Adds a number. Each has a text of its own. */
function plus(number) {
  return new Function('x', `return x + ${number}; // ${made++}`);
}

const call = (fn, x) => fn(x);
const callAll = ({ functions }, x) => functions.map((fn) => fn(x));
const calledAndBack = (fn, x) => [fn, fn(x)];

/** A map with a function that nothing but the map refers to. */
function mapWith(pool, fn, numbers) {
  return pool.map((x) => fn(x), numbers);
}

if (isMain) {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc');
  const collecting = setInterval(collectGarbage, 5);
  const pool = new PoolExecutor({
    initializer: new Function('fn', 'globalThis.ofInitializer = fn'),
    initArgs: [plus(100)],
    globals: { ofGlobals: plus(1000) },
  });
  const numbers = Array.from({ length: 50 }, (_, i) => i);

  await check('as the functions of tasks, one by one and many at once', async () => {
    for (const i of numbers) assert.equal(await pool.submit(plus(i), 1), i + 1);
    const all = numbers.map((i) => pool.submit(plus(i), 1));
    assert.deepEqual(await Promise.all(all), numbers.map((i) => i + 1)); // prettier-ignore
  });
  await check('among arguments, also bound and inside of other values', async () => {
    for (const i of numbers) {
      assert.equal(await pool.submit(call, plus(i), 1), i + 1);
      assert.deepEqual(await pool.submit(callAll, { functions: [plus(i), plus(2)] }, 1), [i + 1, 3]); // prettier-ignore
      assert.equal(await pool.submit(new Function('a', 'b', 'return a - b').bind(null, i), 1), i - 1); // prettier-ignore
      assert.equal(await pool.submit(call, new Function('a', 'b', 'return a * b').bind(null, i), 2), 2 * i); // prettier-ignore
    }
  });
  await check('captured by the function of a map that is read slowly', async () => {
    const results = mapWith(pool, plus(3), numbers);
    for (const i of numbers) {
      collectGarbage();
      assert.deepEqual(await results.next(), { done: false, value: i + 3 });
    }
  });
  await check('in the set-up', async () => {
    for (const i of numbers)
      assert.deepEqual(await pool.submit((x) => [globalThis.ofInitializer(x), globalThis.ofGlobals(x)], i), [i + 100, i + 1000]); // prettier-ignore
  });
  await check('as results: those that were sent, and those that tasks make', async () => {
    for (const i of numbers.slice(0, 10)) {
      const [fn, value] = await pool.submit(calledAndBack, plus(i), 1);
      assert.deepEqual([fn(1), value], [i + 1, i + 1]);
      const inner = await pool.submit(new Function('n', 'return (x) => x * n;'), i);
      assert.equal(inner(3), 3 * i);
      assert.equal(await pool.submit(inner, 5), 5 * i);
      const madeThere = await pool.submit((n) => new Function(`return ${n}`), i);
      assert.equal(madeThere(), i);
      assert.equal(await pool.submit(madeThere), i);
    }
  });
  await check(
    'what comes back is the one that was sent, not another one of its place',
    async () => {
      const make = () => () => 1;
      for (let i = 0; i < 10; i++) {
        const kept = make();
        assert.equal(await pool.submit((fn) => fn, kept), kept);
        assert.equal(typeof (await pool.submit((fn) => fn, make())), 'function');
        collectGarbage();
        assert.equal(await pool.submit((fn) => fn, kept), kept);
      }
    },
  );
  await check('one that only a worker has kept is told of as such', async () => {
    const keep = (fn) => void (globalThis.kept = fn);
    const giveBack = () => globalThis.kept;
    const onAll = (fn, args) => Promise.allSettled(numbers.map(() => pool.submit(fn, ...args())));
    await onAll(keep, () => [plus(1)]);
    let failure;
    for (let i = 0; i < 100 && failure === undefined; i++) {
      collectGarbage();
      failure = (await onAll(giveBack, () => [])).find(({ reason }) => reason)?.reason;
    }
    assert.match(failure.message, /^A task returned a function .* keep a reference to it here$/);
    assert.equal(failure.name, 'DataCloneError');
  });
  clearInterval(collecting);
  await pool.shutdown();
}
