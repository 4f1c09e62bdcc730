/** Tasks that do what they should not: each fails as it should, and the same workers go on. */

import assert from 'node:assert/strict';
import { BrokenExecutorError, TaskExitError, isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor, onThreads } from './executor.mjs';
import { add, later } from './tasks.mjs';

if (isMain) {
  const pool = await new PoolExecutor().bootup();
  const errorOf = (fn, ...args) =>
    pool.submit(fn, ...args).then(
      (value) => assert.fail(`did not fail, but returned ${value}`),
      (error) => error,
    );

  /** Calls `fn` on both workers; returns a number of each. */
  async function onBoth(fn) {
    const here = () => {
      const called = fn();
      const end = Date.now() + 20;
      while (Date.now() < end);
      globalThis.worker ??= Math.random();
      return called instanceof Promise ? called.then(() => globalThis.worker) : globalThis.worker;
    };
    const workers = new Set();
    while (workers.size < 2)
      for (const worker of await Promise.all([pool.submit(here), pool.submit(here)]))
        workers.add(worker);
    return [...workers].sort();
  }

  const workers = await onBoth(() => process.pid);

  const values = [
    1,
    'text',
    [1, [2, 3], { a: [] }],
    { key: 'value', nested: { deep: [true, null] } },
    new Map([['key', new Set([1, 2])]]),
    new Date(0),
    new Float64Array(1000).fill(0.5),
    Object.assign(new Array(3), { 0: undefined, 2: NaN }),
    new RangeError('a value', { cause: 1 }),
  ];
  const echo = (value) => value;

  async function goesOn() {
    assert.deepEqual(await pool.map(add, [1, 2, 3], [4, 5, 6]).toArray(), [5, 7, 9]);
    assert.equal(await pool.submit(later, 'later', 1), 'later');
    const offset = 1;
    assert.equal(await pool.submit((x) => x + offset, 1), 2);
    assert.deepEqual(await pool.map(echo, values).toArray(), values);
    assert.ok((await errorOf(() => null.property)) instanceof TypeError);
    assert.equal(pool.numWorkers, 2);
  }

  await check('what is thrown need not be an error', async () => {
    assert.equal(
      await errorOf(() => {
        throw undefined;
      }),
      undefined,
    );
    assert.equal(
      await errorOf(() => {
        throw null;
      }),
      null,
    );
    assert.equal(
      await errorOf(() => {
        throw 'only text';
      }),
      'only text',
    );
    assert.deepEqual(
      await errorOf(() => {
        throw { code: 1 };
      }),
      { code: 1 },
    );
    const thrown = await errorOf(() => {
      throw (x) => x + 1;
    });
    assert.equal(thrown(1), 2);
    await goesOn();
  });

  await check('what cannot travel is described', async () => {
    const symbol = await errorOf(() => {
      throw Symbol('secret');
    });
    assert.equal(symbol.code, 'ERR_DATA_CLONE');
    assert.match(symbol.message, /threw Symbol\(secret\), which cannot be sent/);
    const promise = await errorOf(() => {
      throw Promise.resolve(1);
    });
    assert.match(promise.message, /threw Promise/);
    const untouchable = await errorOf(() => {
      const refuse = () => {
        throw new Error('do not touch');
      };
      throw new Proxy(new Error('inside'), {
        get: refuse,
        has: refuse,
        ownKeys: refuse,
        getPrototypeOf: refuse,
        getOwnPropertyDescriptor: refuse,
      });
    });
    assert.equal(untouchable.code, 'ERR_DATA_CLONE');
    await goesOn();
  });

  await check('errors that cannot be read lose only what cannot be read', async () => {
    for (const key of ['message', 'stack', 'cause', 'name', 'detail']) {
      const error = await errorOf((unreadable) => {
        throw Object.defineProperty(
          Object.assign(new RangeError('told'), { code: 7 }),
          unreadable,
          {
            enumerable: true,
            get() {
              throw new Error('not for you');
            },
          },
        );
      }, key);
      assert.ok(error instanceof RangeError, key);
      assert.equal(error.code, 7, key);
      if (key !== 'message') assert.equal(error.message, 'told', key);
    }
    await goesOn();
  });

  await check('frozen errors, cyclic causes and classes that cannot travel arrive', async () => {
    const frozen = await errorOf(() => {
      throw Object.freeze(new RangeError('frozen'));
    });
    assert.ok(frozen instanceof RangeError && frozen.message === 'frozen');
    const cyclic = await errorOf(() => {
      const error = new Error('outer', { cause: new Error('inner') });
      error.cause.cause = error;
      throw error;
    });
    assert.equal(cyclic.cause.cause, cyclic);
    const hidden = await errorOf(() => {
      class HiddenError extends TypeError {
        #secret = 1;
        name = 'HiddenError';
        code = 'E_HIDDEN';
        secret() {
          return this.#secret;
        }
      }
      throw new HiddenError('hidden');
    });
    assert.ok(hidden instanceof TypeError);
    assert.deepEqual(
      [hidden.name, hidden.message, hidden.code],
      ['HiddenError', 'hidden', 'E_HIDDEN'],
    );
    const loaded = await errorOf(() => {
      const errors = Array.from({ length: 300 }, (_, i) =>
        Object.assign(new Error(`${i}`), { busy: Promise.resolve() }),
      );
      throw new AggregateError(errors, 'many');
    });
    assert.equal(loaded.message, 'many');
    await goesOn();
  });

  await check('thenables settle once, by what they do first', async () => {
    assert.equal(
      (
        await errorOf(() => ({
          then() {
            throw new RangeError('then');
          },
        }))
      ).message,
      'then',
    );
    assert.equal(
      (
        await errorOf(() => ({
          get then() {
            throw new RangeError('get');
          },
        }))
      ).message,
      'get',
    );
    assert.equal(
      await pool.submit(() => ({
        then(resolve, reject) {
          resolve(1);
          reject(2);
          resolve(3);
          throw 4;
        },
      })),
      1,
    );
    assert.equal(
      await errorOf(() => ({
        then(resolve, reject) {
          reject(2);
          resolve(1);
        },
      })),
      2,
    );
    await goesOn();
  });

  await check(
    'process.exit fails the task, nothing behind it runs, and the worker lives on',
    async () => {
      const error = await errorOf(() => {
        process.exit(3);
        globalThis.ranOn = true;
      });
      assert.ok(error instanceof TaskExitError);
      assert.deepEqual([error.code, error.exitCode], ['ERR_TASK_EXIT', 3]);
      assert.equal((await errorOf(() => process.exit())).exitCode, 0);
      assert.equal((await errorOf(() => process.exit('12'))).exitCode, 12);
      assert.equal((await errorOf(() => process.exit('twelve'))).code, 'ERR_INVALID_ARG_TYPE');
      await onBoth(() => {
        if (globalThis.ranOn) throw new Error('ran on');
        return process.pid;
      });
      await goesOn();
    },
  );

  // mpi4py: `sys.exit` in a task
  await check('process.exit of an asynchronous task, of its timers and promises', async () => {
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const ways = [
      async () => {
        await null;
        process.exit(4);
      },
      () => new Promise(() => setTimeout(() => process.exit(4), 1)),
      async () => {
        setTimeout(() => process.exit(4), 1);
        await new Promise((resolve) => setTimeout(resolve, 10_000));
      },
      () => new Promise(() => void Promise.resolve().then(() => process.exit(4))),
      async () => {
        await pause(1);
        process.nextTick(() => process.exit(4));
        await pause(10_000);
      },
    ];
    for (const way of ways) {
      const error = await errorOf(way);
      assert.ok(error instanceof TaskExitError, String(way));
      assert.equal(error.exitCode, 4);
    }
    await goesOn();
  });

  // mpi4py: `sys.exit` in a task
  await check('process.exit cannot be caught', async () => {
    const caught = () => {
      try {
        process.exit(5);
      } catch {
        return 'caught';
      }
    };
    assert.equal((await errorOf(caught)).exitCode, 5);
    const caughtLater = async () => {
      await null;
      try {
        process.exit(5);
      } catch {
        return 'caught';
      }
    };
    assert.equal((await errorOf(caughtLater)).exitCode, 5);
    const inChunk = (x) => {
      if (x === 2)
        try {
          process.exit(5);
        } catch {
          /* goes on */
        }
      return x;
    };
    await assert.rejects(
      pool.map(inChunk, [1, 2, 3, 4], { chunkSize: 4 }).toArray(),
      TaskExitError,
    );
    await goesOn();
  });

  await check('process.exitCode of a task is not that of the program', async () => {
    await onBoth(() => {
      process.exitCode = 5;
      return process.pid;
    });
    await goesOn();
  });

  await check(
    'process.exit in an initializer breaks its pool, in a module fails what needs it',
    async () => {
      const broken = new PoolExecutor({ initializer: () => process.exit(6) });
      const error = await broken.submit(() => 1).exception();
      assert.ok(error instanceof BrokenExecutorError);
      assert.ok(error.cause instanceof TaskExitError);
      assert.equal(error.cause.exitCode, 6);
      await broken.shutdown();
      const { needsModule } = await import('./exits_on_workers.mjs');
      const failure = await errorOf(needsModule);
      assert.match(failure.message, /could not be imported: process\.exit\(7\) was called/);
      await goesOn();
    },
  );

  await check(
    'what the timers, ticks and events of a running task throw is its failure',
    async () => {
      const ways = [
        () =>
          new Promise(() =>
            setTimeout(() => {
              throw new RangeError('later');
            }, 1),
          ),
        () =>
          new Promise(() =>
            setImmediate(() => {
              throw new RangeError('later');
            }),
          ),
        () =>
          new Promise(() =>
            process.nextTick(() => {
              throw new RangeError('later');
            }),
          ),
        () =>
          new Promise(() =>
            queueMicrotask(() => {
              throw new RangeError('later');
            }),
          ),
        async () => {
          await null;
          await new Promise(() =>
            setTimeout(() => {
              throw new RangeError('later');
            }, 1),
          );
        },
        async () => {
          const { EventEmitter } = await import('node:events');
          setTimeout(() => new EventEmitter().emit('error', new RangeError('later')), 1);
          await new Promise(() => undefined);
        },
      ];
      for (const way of ways) {
        const error = await errorOf(way);
        assert.ok(error instanceof RangeError, String(way));
        assert.match(error.stack, /at worker [01] of 2/);
      }
      assert.equal(
        await errorOf(
          () =>
            new Promise(() =>
              setTimeout(() => {
                throw undefined;
              }, 1),
            ),
        ),
        undefined,
      );
      await goesOn();
    },
  );

  await check('a rejection that a running task leaves unhandled is its failure', async () => {
    const ways = [
      () => new Promise(() => void Promise.reject(new RangeError('unhandled'))),
      async () => {
        await null;
        void Promise.reject(new RangeError('unhandled'));
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      },
      () =>
        new Promise(() => setTimeout(() => void Promise.reject(new RangeError('unhandled')), 1)),
    ];
    for (const way of ways) assert.ok((await errorOf(way)) instanceof RangeError, String(way));
    await goesOn();
  });

  await check('what a task has left behind is not the failure of another one', async () => {
    const leftovers = [
      () => {
        setTimeout(() => {
          throw new Error('left behind');
        }, 20);
        return process.pid;
      },
      async () => {
        await null;
        setTimeout(() => process.exit(9), 20);
        return process.pid;
      },
      () => {
        setTimeout(() => void Promise.reject(new Error('left behind')), 20);
        return process.pid;
      },
      () => {
        void Promise.reject(new Error('left behind'));
        return process.pid;
      },
    ];
    for (const leave of leftovers) {
      await onBoth(leave);
      const waits = Array.from({ length: 4 }, () => pool.submit(later, 'fine', 50));
      assert.deepEqual(await Promise.all(waits), ['fine', 'fine', 'fine', 'fine']);
    }
    await goesOn();
  });

  await check('a task may read stdin, where it finds nothing', async () => {
    const read = async () => {
      let text = '';
      for await (const chunk of process.stdin) text += chunk;
      return text;
    };
    assert.equal(await pool.submit(read), '');
    await goesOn();
  });

  await check(
    'a change of the working directory is seen by later tasks, and troubles nobody else',
    async () => {
      const changed = onBoth(() => process.chdir('/'));
      if (onThreads) await assert.rejects(changed, { code: 'ERR_WORKER_UNSUPPORTED_OPERATION' });
      else await changed;
      if (!onThreads) assert.equal(await pool.submit(() => process.cwd()), '/');
      const { loadedLate } = await import('./loaded_late.mjs');
      assert.equal(await pool.submit(loadedLate), 'late');
      const second = new PoolExecutor({ path: ['test'], env: { SECOND: '1' } });
      assert.equal(await second.submit(() => process.env.SECOND), '1');
      await second.shutdown();
      await goesOn();
    },
  );

  await check('the workers are the same as at the start', async () => {
    assert.deepEqual(await onBoth(() => process.pid), workers);
  });

  await pool.shutdown();
}
