/** Functions that cannot be sent, and what is said of them. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DataCloneError, ModuleLoadError, isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import * as esm from './functions/esm.mjs';
import { add, identity } from './tasks.mjs';

const scale = 3;

function ofTheProgram(x) {
  return x * scale;
}

class Private {
  #x = 1;
  static reveal() {
    return new Private().#method;
  }
  static make() {
    return new Private();
  }
  #method() {
    return this.#x;
  }
  get() {
    return this.#x;
  }
}

class Derived extends Private {}

if (isMain) {
  const pool = await new PoolExecutor().bootup();

  /** A future is rejected, not thrown; the pool runs the next task. */
  const refuses = async (fn, message, { by = pool, args = [], as = DataCloneError } = {}) => {
    const error = await by.submit(fn, ...args).then(
      (value) => assert.fail(`did not fail but gave ${String(value)}`),
      (error) => error,
    );
    assert.ok(error instanceof as, error.stack);
    assert.equal(error.code, as === DataCloneError ? 'ERR_DATA_CLONE' : 'ERR_MODULE_LOAD');
    assert.match(error.message, message);
    assert.equal(await by.submit(add, 1, 2), 3);
  };

  // mpi4py: arguments cannot be pickled: the error, without cause
  await check('a captured variable that cannot be sent is named', async () => {
    const connection = new WeakMap();
    await refuses(() => connection, /connection.*WeakMap/s);
  });
  await check('a captured promise is named', async () => {
    const answer = Promise.resolve(1);
    await refuses(async () => (await answer) + 1, /answer.*Promise/s);
  });
  await check('what is inside a captured variable is named', async () => {
    const settings = { net: { sockets: [new WeakSet()] } };
    await refuses(() => settings, /settings\.net\.sockets\[0\]/);
  });
  await check('a variable captured by a captured function is named', async () => {
    const secret = Symbol('secret');
    const inner = () => secret;
    await refuses(() => inner(), /secret/);
  });
  await check('one captured by a function in an argument is named', async () => {
    const secret = new WeakRef({});
    await refuses(identity, /secret/, { args: [{ list: [() => secret] }] });
  });
  await check('an arrow function that uses this of its surroundings', async () => {
    const object = {
      x: 5,
      make() {
        return () => this.x;
      },
    };
    await refuses(object.make(), /this/);
  });
  await check('one that uses arguments of its surroundings', async () => {
    const make = function () {
      return () => arguments[0];
    };
    await refuses(make(1), /arguments/);
  });
  await check('one that uses new.target of its surroundings', async () => {
    let fn;
    new (function () {
      fn = () => new.target;
    })();
    await refuses(fn, /new\.target/);
  });
  await check('one that uses super of its surroundings', async () => {
    const object = {
      __proto__: { x: 5 },
      make() {
        return () => super.x;
      },
    };
    await refuses(object.make(), /super/);
  });
  await check('a method of a local object that uses super', async () => {
    const object = {
      __proto__: { x: () => 5 },
      method() {
        return super.x();
      },
    };
    await refuses(object.method, /method.*super/s);
  });
  await check('a private method', async () => {
    await refuses(Private.reveal(), /#method/);
  });
  await check('a method of a local class that uses #private', async () => {
    const k = 1;
    class Local {
      #x = k;
      get() {
        return this.#x + k;
      }
    }
    await refuses(Local.prototype.get, /#x/);
  });
  // Before Node.js 22 V8 cannot distinguish such a variable from one that is undefined.
  const knowsDeadZones = Number(process.versions.node.split('.')[0]) >= 22;
  await check('a variable in its dead zone is named', async () => {
    const fn = () => late;
    if (knowsDeadZones) await refuses(fn, /late.*declaration/s);
    else assert.equal(await pool.submit(fn), undefined);
    const late = 5;
    assert.equal(await pool.submit(fn), late);
  });
  await check('a class in its dead zone is named', async () => {
    const fn = () => new Late();
    if (knowsDeadZones) await refuses(fn, /Late.*declaration/s);
    else await assert.rejects(pool.submit(fn), TypeError);
    class Late {}
    assert.equal(await pool.submit(() => typeof Late), 'function');
  });
  await check('a Proxy of a function', async () => {
    await refuses(new Proxy(ofTheProgram, {}), /Proxy/);
    await refuses(identity, /Proxy/, { args: [[new Proxy(() => 1, {})]] });
  });
  await check('a native function without a public name', async () => {
    await refuses(Promise.withResolvers?.().resolve ?? resolver(), /Node\.js|native/);
    await refuses(Proxy.revocable({}, {}).revoke, /Node\.js|native/);
  });
  await check('a class with #private members: its instances', async () => {
    for (const instance of [Private.make(), new Derived()])
      await refuses(identity, /#private/, { args: [instance] });
    await refuses(Private.make, /#private/);
  });
  await check(
    'the same for instances as results, of a class that came as an argument',
    async () => {
      await refuses((C) => new C(), /#private/, { args: [esm.reveal().Counter] });
      await refuses((C) => new C(), /#private/, { args: [Derived] });
    },
  );
  await check('the same for instances as results, of a local class', async () => {
    const k = 1;
    class Local {
      #x = k;
      get() {
        return this.#x;
      }
    }
    await refuses(() => new Local(), /#private/);
  });

  await check('a symbol, as the result of a closure', async () => {
    const k = 5;
    await refuses(() => [Symbol('mine'), k], /result.*Symbol\(mine\)/s);
  });
  await check('a captured variable of a function in a result is named', async () => {
    const make = () => {
      const hopeless = new WeakMap();
      return { list: [() => hopeless] };
    };
    await refuses(make, /hopeless/);
  });

  // Modules.
  // mpi4py: importing the main module fails on a worker: abort
  await check('a module that throws when a worker imports it', async () => {
    const { unreachable } = await import('./functions/throws_on_workers.mjs');
    await refuses(unreachable, /throws_on_workers\.mjs.*lacks a licence/s, {
      args: [1],
      as: ModuleLoadError,
    });
    const error = await pool.submit(unreachable, 1).catch((e) => e);
    assert.ok(error.cause instanceof RangeError);
  });
  await check('a module that is not there on workers', async () => {
    await withModule('const k = 2; export const gone = (x) => x * k;', async ({ gone }, remove) => {
      await refuses(gone, /Symbol/, { args: [Symbol('looks the function up and sends nothing')] });
      remove();
      await refuses(gone, /could not be imported.*cannot find/is, {
        args: [1],
        as: ModuleLoadError,
      });
    });
  });
  await check('a module that cannot be parsed on workers', async () => {
    await withModule('const k = 2; export const f = (x) => x * k;', async ({ f }, remove, file) => {
      writeFileSync(file, 'const k = ;');
      await refuses(f, /could not be imported.*Unexpected token/s, {
        args: [1],
        as: ModuleLoadError,
      });
    });
  });
  await check('a module that imports what is not there', async () => {
    await withModule('const k = 2; export const f = (x) => x * k;', async ({ f }, remove, file) => {
      writeFileSync(file, "import 'no-such-package'; const k = 2; export const f = (x) => x * k;");
      await refuses(f, /no-such-package/, { args: [1], as: ModuleLoadError });
    });
  });

  // Options.
  const noClosures = new PoolExecutor({ closures: 'error' });
  await check("closures: 'error' refuses a captured variable, by name", async () => {
    const k = 2;
    await refuses((x) => x * k, /\bk\b.*closures/s, { by: noClosures });
  });
  await check("closures: 'error' refuses one in an argument", async () => {
    const k = 2;
    await refuses(identity, /\bk\b.*closures/s, { by: noClosures, args: [{ f: () => k }] });
  });
  await check("closures: 'error' refuses one in a bound function", async () => {
    const k = 2;
    await refuses(((x) => x * k).bind(null, 1), /\bk\b.*closures/s, { by: noClosures });
  });
  await check("closures: 'error' refuses one of a map", async () => {
    const k = 2;
    await assert.rejects(noClosures.map((x) => x * k, [1, 2]).toArray(), {
      code: 'ERR_DATA_CLONE',
      message: /\bk\b.*closures/s,
    });
    await assert.rejects(noClosures.map((x) => x * k, [1, 2], { chunkSize: 2 }).toArray(), {
      code: 'ERR_DATA_CLONE',
    });
  });
  await check("closures: 'error' allows what captures nothing", async () => {
    assert.equal(await noClosures.submit((x) => x * scale, 2), 6);
    assert.equal(await noClosures.submit(ofTheProgram, 2), 6);
    assert.equal(await noClosures.submit((x) => x + 1, 2), 3);
    assert.deepEqual(await noClosures.map((x) => x * 2, [1, 2]).toArray(), [2, 4]);
  });
  await noClosures.shutdown();

  const noMain = new PoolExecutor({ main: false });
  // mpi4py: `main=False`: workers do not import the main module
  await check('main: false refuses a function of the program', async () => {
    await refuses(ofTheProgram, /ofTheProgram.*main: false/s, { by: noMain, args: [1] });
  });
  await check('main: false refuses one that uses something of the program', async () => {
    await refuses((x) => x * scale, /main: false/, { by: noMain });
  });
  await check('main: false refuses one in an argument, or captured', async () => {
    await refuses(identity, /main: false/, { by: noMain, args: [[ofTheProgram]] });
    const fn = ofTheProgram;
    await refuses((x) => fn(x), /main: false/, { by: noMain });
  });
  await check('main: false refuses a bound one', async () => {
    await refuses(ofTheProgram.bind(null, 1), /main: false/, { by: noMain });
  });
  // mpi4py: `main=False`: workers do not import the main module
  await check('main: false allows what does without the program', async () => {
    const k = 3;
    assert.equal(await noMain.submit((x) => x * 2, 2), 4);
    assert.equal(await noMain.submit((x) => x * k, 2), 6);
    assert.equal(await noMain.submit(esm.exported, 2), 6);
    assert.equal(await noMain.submit(Math.pow, 2, 3), 8);
  });
  await noMain.shutdown();

  await check('after all that the pool works on, with all workers', async () => {
    assert.equal(await pool.submit(ofTheProgram, 2), 6);
    assert.equal(pool.numWorkers, 2);
  });
  await pool.shutdown();
}

function resolver() {
  let resolve;
  void new Promise((r) => (resolve = r));
  return resolve;
}

/** A module that exists for the time of `use` only. */
async function withModule(text, use) {
  const folder = mkdtempSync(join(tmpdir(), 'mpi-futures-'));
  const file = join(folder, 'module.mjs');
  writeFileSync(file, text);
  try {
    await use(await import(pathToFileURL(file).href), () => rmSync(file), file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
