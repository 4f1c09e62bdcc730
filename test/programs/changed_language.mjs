/** Tasks change what belongs to all code of their process: the workers go on, as far as tasks can. */

import assert from 'node:assert/strict';
import { TaskExitError, isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import { add, later } from './tasks.mjs';

if (isMain) {
  const pool = new PoolExecutor();
  const values = [
    1,
    'text',
    [1, [2, 3], { a: [] }],
    { key: 'value', nested: { deep: [true, null] } },
    { instances: [new Date(0), new Map([['key', new Set([1, 2])]]), 1n, undefined] },
    new Float64Array(1000).fill(0.5),
    new RangeError('a value', { cause: 1 }),
  ];
  // Too long for a ring: such messages come as events, also while a worker is about to look for more.
  const large = Array.from({ length: 40 }, (_, i) => (i % 2 ? 'x'.repeat(20_000 + i) : i));
  const echo = (value) => value;
  const double = [(x) => 2 * x];
  const methodsOfArrays = ['push', 'map', 'forEach', 'slice', 'splice', 'filter', 'find', 'join', 'entries', 'includes', 'concat']; // prettier-ignore

  async function goesOn() {
    assert.deepEqual(await pool.map(add, [1, 2, 3], [4, 5, 6]).toArray(), [5, 7, 9]);
    assert.deepEqual(
      await pool.map(add, [1, 2, 3, 4], [4, 5, 6, 7], { chunkSize: 2 }).toArray(),
      [5, 7, 9, 11],
    );
    const offset = [1];
    assert.equal(await pool.submit((x) => x + offset[0], 1), 2);
    assert.deepEqual(await pool.map(echo, values).toArray(), values);
    assert.deepEqual(await pool.map(echo, large).toArray(), large);
    assert.deepEqual(await pool.submit(echo, double), double);
    assert.equal(await pool.submit(async () => 'async'), 'async');
    const exit = await pool.submit(() => process.exit(3)).exception();
    assert.ok(exit instanceof TaskExitError, String(exit));
    const error = await pool.submit(() => null.property).exception();
    assert.ok(error instanceof TypeError, String(error));
    const thrown = await pool
      .submit(() => ({
        then() {
          process.nextTick(() => {
            throw new RangeError('tick');
          });
        },
      }))
      .exception();
    assert.ok(thrown instanceof RangeError, String(thrown));
    assert.equal(pool.numWorkers, 2);
  }

  /** Makes a change on both workers. */
  async function onBoth(change) {
    const here = () => {
      change();
      const end = Date.now() + 20;
      while (Date.now() < end);
      return (globalThis.worker ??= Math.random());
    };
    const workers = new Set();
    while (workers.size < 2)
      for (const worker of await Promise.all([pool.submit(here), pool.submit(here)]))
        workers.add(worker);
  }

  await pool.bootup(); // otherwise threads start one by one, when there are tasks
  assert.equal(await pool.submit(later, 'later', 1), 'later');
  await goesOn();

  await check('enumerable properties of Array.prototype and Object.prototype', async () => {
    await onBoth(() => {
      globalThis.kept = { String, Map, Set, Promise, Function };
      Array.prototype.extra = 'extra';
      Object.prototype.more = { of: 'it' };
    });
    await goesOn();
  });

  await check('globals replaced', async () => {
    await onBoth(() => {
      const broken = () => {
        throw new Error('broken');
      };
      for (const name of [
        'Promise',
        'Map',
        'Set',
        'WeakMap',
        'Reflect',
        'queueMicrotask',
        'setTimeout',
        'setImmediate',
        'clearTimeout',
        'URL',
        'TypeError',
        // Node.js defines these by a getter and a setter.
        'performance',
        'Buffer',
      ])
        globalThis[name] = broken;
      globalThis.process = { exit: process.exit, nextTick: process.nextTick };
      globalThis.globalThis = { kept: globalThis.kept };
    });
    await goesOn();
  });

  await check('functions of JSON, Object, Reflect and performance replaced', async () => {
    await onBoth(() => {
      const broken = () => {
        throw new Error('broken');
      };
      JSON.parse = JSON.stringify = broken;
      performance.now = broken;
      Object.keys = Object.assign = Object.entries = broken;
    });
    await goesOn();
  });

  await check('stack traces broken', async () => {
    await onBoth(() => {
      Error.prepareStackTrace = () => {
        throw new Error('broken');
      };
      Error.stackTraceLimit = 0;
    });
    await goesOn();
  });

  await check('methods of Array.prototype replaced', async () => {
    await onBoth(() => {
      for (const name of methodsOfArrays)
        Array.prototype[name] = () => {
          throw new Error('broken');
        };
    });
    await goesOn();
  });

  await check('methods of Array.prototype deleted', async () => {
    await onBoth(() => {
      for (const name of methodsOfArrays) delete Array.prototype[name];
    });
    await goesOn();
  });

  await check('arrays cannot be iterated', async () => {
    await onBoth(() => {
      Object.defineProperty(Array, Symbol.species, {
        get() {
          throw new Error('broken');
        },
      });
      Array.prototype[Symbol.iterator] = function* () {
        yield 'nonsense';
      };
      Object.getPrototypeOf(new globalThis.kept.Map().entries()).next = () => ({ done: true });
    });
    await goesOn();
  });

  await check('methods of strings, maps, sets, promises and functions replaced', async () => {
    await onBoth(() => {
      const broken = () => {
        throw new Error('broken');
      };
      const { String, Map, Set, Promise, Function } = globalThis.kept;
      for (const name of ['startsWith', 'includes', 'slice', 'replace', 'split'])
        String.prototype[name] = broken;
      for (const name of ['get', 'has', 'set', 'delete', 'forEach']) Map.prototype[name] = broken;
      for (const name of ['add', 'has', 'delete']) Set.prototype[name] = broken;
      for (const name of ['then', 'finally']) Promise.prototype[name] = broken;
      Function.prototype.bind = Function.prototype.toString = broken;
    });
    await goesOn();
  });

  await pool.shutdown();
}
