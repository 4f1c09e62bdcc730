/** Variables of the module that are not constant: their present values go with functions that travel by text. */

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import { config as imported, setConfig } from './functions/variables.mjs';

let config;
let count = 0;
let list = [];
let { first, inner: [second = 5] = [] } = { first: 1 };
export let exported = 'before';
var old;
var number = 1;
const constant = { isTheWorkers: true };
let handle;
let onlyOfTheGuard;
let lazy;
let fn = (x) => x + 1;
let hidden = 'of the module';

function declared() {
  return config?.k;
}

function counted() {
  return ++count;
}

function lazily() {
  return (lazy ??= 'made here');
}

function setsConfig(value) {
  config = value;
}

function setOnWorker() {
  return [config, declared()];
}

function factory() {
  return () => [config?.k, hidden];
}

if (isMain) {
  const pool = new PoolExecutor({ maxWorkers: 2 });
  const result = (fn, ...args) => pool.submit(fn, ...args);
  const warnings = [];
  process.on('warning', ({ code, message }) => warnings.push([code, message]));

  await check('a variable before its declaration is refused', async () => {
    if (process.versions.node.startsWith('20.')) {
      assert.equal(await result(() => late), undefined); // V8 cannot distinguish it
      return;
    }
    await assert.rejects(result(() => late), { code: 'ERR_DATA_CLONE', message: /'late'.*no value yet/ });
  }); // prettier-ignore

  config = { k: 3 };
  list.push(1, 2);
  [first, second] = [10, 20];
  exported = 'after';
  old = { of: 'the guard' };
  number += 1;
  handle = new WeakMap();
  onlyOfTheGuard = handle;
  lazy = 'made in the program';
  constant.isTheWorkers = false;

  await check('assigned behind the guard', async () => {
    assert.equal(await result(() => config?.k), 3);
    assert.deepEqual(await result(() => list), [1, 2]);
    assert.deepEqual(await result(() => [old, number]), [{ of: 'the guard' }, 2]);
    assert.deepEqual(await pool.map((x) => config.k + x, [1, 2]).toArray(), [4, 5]);
    assert.deepEqual(await pool.starmap((x) => config.k + x, [[1]]).toArray(), [4]);
  });
  await check('destructured', async () => {
    assert.deepEqual(await result(() => [first, second]), [10, 20]);
  });
  await check('exported', async () => {
    assert.equal(await result(() => exported), 'after');
  });
  await check('of a loop', async () => {
    const fns = [];
    for (var v = 0; v < 3; v++) fns.push(() => v);
    for (var each of ['a', 'b']) fns.push(() => each);
    assert.deepEqual(await Promise.all(fns.map((fn) => pool.submit(fn))), [3, 3, 3, 'b', 'b']);
  });
  await check('each submit has the value of its moment', async () => {
    const read = () => config.k;
    const results = [];
    for (const k of [4, 5, 6]) {
      config = { k };
      results.push(result(read));
    }
    config.k = 7;
    assert.deepEqual(await Promise.all(results), [4, 5, 6]);
    const map = pool.map(read, [1, 2]);
    config = { k: 3 };
    assert.deepEqual(await map.toArray(), [7, 7]);
  });
  await check('of functions inside the function, and of closures that it captures', async () => {
    assert.deepEqual(await result(() => [1, 2].map((x) => x * config.k)), [3, 6]);
    const captured = () => config.k;
    assert.equal(await result(() => captured() + config.k), 6);
    assert.deepEqual(await result(factory()), [3, 'of the module']);
    const [self, k] = await result((f) => [f, f()], captured);
    assert.equal(self, captured);
    assert.equal(k, 3);
  });
  await check('a function in an argument', async () => {
    assert.equal(await result((f) => f(), () => config.k), 3); // prettier-ignore
  });
  await check('a variable that holds a function', async () => {
    assert.equal(await result((x) => fn(x), 1), 2);
    fn = (x) => x + config.k;
    assert.equal(await result((x) => fn(x), 1), 4);
    assert.equal(await result(fn, 1), 4);
  });
  await check('a local variable of the same name', async () => {
    const hidden = 'local';
    assert.equal(await result(() => hidden), 'local');
    const shadowing = (config) => config;
    assert.equal(await result(shadowing, 1), 1);
  });
  await check('what a task assigns stays there', async () => {
    const increment = () => ++count;
    assert.deepEqual([await result(increment), await result(increment), count], [1, 1, 0]);
    count = 5;
    assert.deepEqual([await result(increment), count], [6, 5]);
  });
  await check('one that cannot be sent is named', async () => {
    await assert.rejects(result(() => handle), { code: 'ERR_DATA_CLONE', message: /handle.*WeakMap/s }); // prettier-ignore
    assert.equal(await result(() => typeof constant), 'object');
  });
  await check('constants are those of the module on the worker', async () => {
    assert.deepEqual(await result(() => [constant, config.k]), [{ isTheWorkers: true }, 3]);
    setConfig(5);
    assert.equal(imported, 5);
    assert.equal(await result(() => imported), undefined);
  });
  await check('a script that needs nothing of its module is not imported for them', async () => {
    const alone = new PoolExecutor({ maxWorkers: 1, main: false });
    assert.equal(await alone.submit(() => config.k), 3);
    await assert.rejects(alone.submit(() => declared()), { code: 'ERR_DATA_CLONE' }); // prettier-ignore
    await alone.shutdown();
  });
  await check("closures: 'error' refuses them by name", async () => {
    const strict = new PoolExecutor({ maxWorkers: 1, closures: 'error' });
    await assert.rejects(strict.submit(() => config.k), { code: 'ERR_DATA_CLONE', message: /config/ }); // prettier-ignore
    assert.equal(await strict.submit(() => typeof declared), 'function');
    await strict.shutdown();
  });

  // Functions of the top level exist on the worker, and use its variables.
  await check('what a function of the top level sees is told if it differs', async () => {
    assert.equal(await result(declared), undefined);
    assert.equal(await result(() => declared()), undefined);
    assert.equal(await result((x) => declared() ?? config.k + x, 1), 4);
    const told = warnings.filter(([code]) => code === 'MPI_FUTURES_VARIABLE_DIFFERS');
    assert.ok(told.length > 0);
    for (const [, message] of told) assert.match(message, /config, which is undefined on workers/);
    assert.ok(told.some(([, message]) => message.startsWith('The function declared,')));
  });
  await check('what they set themselves is not told', async () => {
    const differ = () =>
      warnings.filter(([code]) => code === 'MPI_FUTURES_VARIABLE_DIFFERS').length;
    const before = differ();
    const one = new PoolExecutor({ maxWorkers: 1, initializer: setsConfig, initArgs: ['here'] });
    assert.equal(await one.submit(lazily), 'made here');
    assert.deepEqual(await one.submit(setOnWorker), ['here', undefined]);
    await one.submit(counted);
    assert.equal((await one.submit(counted)) >= 2, true);
    await one.shutdown();
    assert.equal(differ(), before);
  });

  await check('CommonJS', async () => {
    const { inGuard } = createRequire(import.meta.url)('./functions/variables.cjs');
    assert.deepEqual(await inGuard(pool), ['3', [1, 2], 'block', 2, '/']);
  });

  await check('the pool works on', async () => {
    assert.equal(await result((x) => x + config.k, 1), 4);
  });
  await pool.shutdown();
}

let late = 1;
void [onlyOfTheGuard, late, old, number];
