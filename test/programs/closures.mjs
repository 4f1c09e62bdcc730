/** Functions that travel by their text, with the values of the variables that they capture. */

import assert from 'node:assert/strict';
import path, { join } from 'node:path';
import * as os from 'node:os';
import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import * as esm from './functions/esm.mjs';
import { add, identity } from './tasks.mjs';

const scale = 3;

function scaled(x) {
  return x * scale;
}

class Base {
  constructor(x) {
    this.x = x;
  }
  scaled() {
    return this.x * scale;
  }
}

if (isMain) {
  const pool = new PoolExecutor();
  const result = (fn, ...args) => pool.submit(fn, ...args);
  /** On a worker `fn` gives what is expected. */
  const gives = (expected, fn, ...args) => {
    return async () => assert.deepStrictEqual(await pool.submit(fn, ...args), expected);
  };

  // What they use.
  await check(
    'only parameters',
    gives(42, (x) => x * 2, 21),
  );
  await check(
    'globals',
    gives(4, (x) => Math.sqrt(x), 16),
  );
  await check(
    'variables of the program',
    gives(6, (x) => x * scale, 2),
  );
  await check(
    'functions of the program',
    gives(7, (x) => scaled(x) + 1, 2),
  );
  await check(
    'imports of the program',
    gives(join('a', 'b'), () => path.join('a', join('b'))),
  );
  await check(
    'an imported namespace',
    gives(os.EOL, () => os.EOL),
  );
  await check(
    'import.meta',
    gives([import.meta.url, import.meta.dirname], () => [import.meta.url, import.meta.dirname]),
  );
  await check('import(), relative to the program', async () => {
    const sum = async (x) => (await import('./tasks.mjs')).add(x, 1);
    assert.equal(await result(sum, 1), 2);
    const resolved = async (x) => (await import('./tasks.mjs')).add(x, scale);
    assert.equal(await result(resolved, 1), 4);
    assert.equal(
      await result(async () => typeof (await import('node:fs')).readFileSync),
      'function',
    );
  });

  // Forms of functions.
  await check('function expressions, with and without a name', async () => {
    assert.equal(await result(function (x) { return x + scale; }, 1), 4); // prettier-ignore
    assert.equal(await result(function named(x) { return x > 2 ? x : named(x + 1) + scale; }, 0), 12); // prettier-ignore
  });
  await check('asynchronous ones', async () => {
    const k = 2;
    assert.equal(await result(async (x) => (await x) * k, 2), 4);
    assert.equal(await result(async function (x) { await null; return x * k * scale; }, 2), 12); // prettier-ignore
  });
  await check('generators used inside', async () => {
    const k = 2;
    const inside = (n) => {
      function* all() {
        for (let i = 0; i < n; i++) yield i * k;
      }
      return [...all()];
    };
    assert.deepEqual(await result(inside, 3), [0, 2, 4]);
  });
  await check('local generators as captured variables', async () => {
    const k = 2;
    function* all(n) {
      for (let i = 0; i < n; i++) yield i * k;
    }
    async function* later(n) {
      for (const i of all(n)) yield i;
    }
    assert.deepEqual(await result((n) => [...all(n)], 3), [0, 2, 4]);
    const collect = async (n) => {
      const list = [];
      for await (const i of later(n)) list.push(i);
      return list;
    };
    assert.deepEqual(await result(collect, 2), [0, 2]);
  });
  await check('methods of local objects', async () => {
    const k = 2;
    const key = Symbol('no registered one');
    const local = {
      plain(x) { return x * k; },
      async later(x) { return x * k; },
      get got() { return k; },
      ['computed' + k](x) { return x + k; },
      'a b'(x) { return x - k; },
      [key](x) { return x / k; },
      1(x) { return x ** k; },
      get: (x) => x,
      async: (x) => x + k,
    }; // prettier-ignore
    assert.equal(await result(local.plain, 3), 6);
    assert.equal(await result(local.later, 3), 6);
    assert.equal(await result(Object.getOwnPropertyDescriptor(local, 'got').get), 2);
    assert.equal(await result(local.computed2, 3), 5);
    assert.equal(await result(local['a b'], 3), 1);
    assert.equal(await result(local[1], 3), 9);
    assert.equal(await result(local.get, 3), 3);
    assert.equal(await result(local.async, 3), 5);
    await assert.rejects(result(local[key], 4), { code: 'ERR_DATA_CLONE', message: /key/ });
  });
  await check('arrow functions that return objects, and destructure', async () => {
    const k = 2;
    assert.deepEqual(await result(({ a, b: [c = k] = [] }, ...rest) => ({ a, c, rest }), { a: 1 }, 2, 3), { a: 1, c: 2, rest: [2, 3] }); // prettier-ignore
  });
  await check('regular expressions, templates and comments in the text', async () => {
    const k = 'x';
    const odd = (s) => /* ) */ s.replace(/[/)}"'`]/g, `${k}${`${k}`}`); // }
    assert.equal(await result(odd, 'a)b'), 'axxb');
  });
  await check('this of an arrow function inside a method', async () => {
    const object = {
      k: 2,
      make() {
        return [1, 2].map((x) => x * this.k);
      },
    };
    assert.deepEqual(await result(object.make.bind(object)), [2, 4]);
  });
  await check('arguments and new.target of its own', async () => {
    const k = 2;
    assert.deepEqual(await result(function () { return [arguments.length, new.target, k]; }, 1, 2), [2, undefined, 2]); // prettier-ignore
  });
  await check('name and length are kept', async () => {
    const k = 2;
    const named = (a, b) => a + b + k;
    assert.deepEqual(await result((f) => [f.name, f.length], named), ['named', 2]);
  });

  // What is captured.
  await check('one level', async () => {
    const k = 2;
    assert.equal(await result((x) => x + k, 1), 3);
  });
  // mpi4py: only functions that can be imported
  await check('several levels', async () => {
    const outer = (a) => (b) => {
      const c = a * 10;
      {
        const d = b * 100;
        return (x) => [a, b, c, d, x, scale];
      }
    };
    assert.deepEqual(await result(outer(1)(2), 5), [1, 2, 10, 200, 5, 3]);
  });
  await check('shadowed variables', async () => {
    const x = 1;
    const make = (scale) => {
      const fn = () => {
        const inner = scale + x;
        return inner;
      };
      return fn;
    };
    assert.equal(await result(make(10)), 11);
    {
      const x = 2;
      assert.equal(await result(() => x), 2);
    }
    assert.equal(await result(() => x), 1);
  });
  await check('values of every primitive type', async () => {
    const values = {
      n: -0,
      nan: NaN,
      inf: -Infinity,
      big: 2n ** 80n,
      t: 'é🚀',
      u: undefined,
      z: null,
    };
    const { n, nan, inf, big, t, u, z } = values;
    const back = await result(() => ({ n, nan, inf, big, t, u, z }));
    assert.deepStrictEqual(back, values);
  });
  await check('objects, Maps, Sets, dates and typed arrays', async () => {
    const object = { a: { b: [1] } };
    const map = new Map([[1, new Set(['x'])]]);
    const floats = Float32Array.of(1.5, 2.5);
    const date = new Date(5);
    const back = await result(() => [object, map, floats, date, object.a === object.a]);
    assert.deepStrictEqual(back, [object, map, floats, date, true]);
  });
  await check('large buffers', async () => {
    const floats = new Float64Array(500_000).map((_, i) => i);
    const sum = (from) => floats.length + floats[from] + floats.at(-1);
    assert.equal(await result(sum, 5), 500_000 + 5 + 499_999);
    const part = floats.subarray(1000, 2000);
    assert.deepEqual(await result(() => [part.length, part[0], part.buffer.byteLength < 10_000]), [
      1000,
      1000,
      true,
    ]);
  });
  await check('one object captured by two functions is one object', async () => {
    const shared = { n: 0 };
    const up = () => ++shared.n;
    const read = () => shared.n;
    assert.equal(await result((a, b) => (a(), a(), b()), up, read), 2);
    assert.equal(shared.n, 0);
  });
  await check('objects that contain the function', async () => {
    const object = { n: 5 };
    object.fn = () => object.n + (object.fn === undefined ? 1 : 0);
    assert.equal(await result(object.fn), 5);
  });
  await check('other closures', async () => {
    const k = 2;
    const twice = (x) => x * k;
    const plus = (x) => twice(x) + k;
    assert.equal(await result((x) => plus(twice(x)), 1), 6);
  });
  await check('functions of modules', async () => {
    const { hidden } = esm.reveal();
    const fn = esm.exported;
    assert.equal(await result((x) => hidden(x) + fn(x), 1), 9);
    const max = Math.max;
    assert.equal(await result((x) => max(x, 5), 1), 5);
  });
  await check('self recursion', async () => {
    const factorial = (n) => (n < 2 ? 1 : n * factorial(n - 1));
    assert.equal(await result(factorial, 10), 3628800);
  });
  await check('mutual recursion', async () => {
    const isEven = (n) => n === 0 || isOdd(n - 1);
    const isOdd = (n) => n !== 0 && isEven(n - 1);
    assert.deepEqual(await Promise.all([result(isEven, 7), result(isOdd, 7)]), [false, true]);
  });
  await check('loop variables', async () => {
    const fns = [];
    for (let i = 0; i < 3; i++) fns.push(() => i);
    for (const i of [10, 20]) fns.push((x) => i + x * scale);
    for (const key in { a: 1 }) fns.push(() => key);
    for (var v = 0; v < 2; v++) fns.push(() => v);
    const results = await Promise.all(fns.map((fn) => pool.submit(fn, 1)));
    assert.deepEqual(results, [0, 1, 2, 13, 23, 'a', 2, 2]);
  });
  await check('variables are read anew at every submit', async () => {
    let k = 1;
    const fn = () => k;
    const first = result(fn);
    k = 2;
    const second = result(fn);
    k = 3;
    assert.deepEqual(await Promise.all([first, second]), [1, 2]);
  });
  await check('variables inside other closures are read anew, too', async () => {
    let k = 1;
    const inner = () => k;
    const outer = () => inner();
    const first = result(outer);
    k = 2;
    assert.deepEqual(await Promise.all([first, result(outer)]), [1, 2]);
  });
  await check('for a map they are those of the call', async () => {
    let k = 1;
    const results = pool.map((x) => x + k, Array(2000).fill(1));
    k = 100;
    assert.ok((await results.toArray()).every((x) => x === 2));
  });
  await check('assignments stay on the worker', async () => {
    let k = 1;
    const fn = () => ++k;
    assert.deepEqual([await result(fn), await result(fn), k], [2, 2, 1]);
  });
  await check('the variable of a catch', async () => {
    try {
      throw new RangeError('caught');
    } catch (error) {
      assert.equal(await result(() => error.message), 'caught');
    }
    try {
      throw { code: 5 };
    } catch ({ code }) {
      assert.equal(await result((x) => code + x, 1), 6);
    }
  });
  await check('parameters, defaults and rest', async () => {
    const make =
      (a, b = a * 2, { c = 5 } = {}, ...rest) =>
      (x = b) => [a, b, c, rest, x];
    assert.deepEqual(await result(make(1)), [1, 2, 5, [], 2]);
    assert.deepEqual(await result(make(1, 7, { c: 8 }, 9), 0), [1, 7, 8, [9], 0]);
  });
  await check('a variable of a switch and one hoisted out of a block', async () => {
    switch (scale) {
      case 3: {
        break;
      }
      default:
    }
    let fn;
    switch (1) {
      case 1:
        const inSwitch = 4; // eslint-disable-line no-case-declarations
        fn = () => inSwitch;
    }
    if (fn) {
      var hoisted = 5;
    }
    assert.deepEqual([await result(fn), await result(() => hoisted)], [4, 5]);
  });
  await check('a function declared in the same block', async () => {
    const k = 4;
    function declared(x) {
      return x * k;
    }
    assert.equal(await result(declared, 2), 8);
    assert.equal(await result((x) => declared(x) + 1, 2), 9);
  });
  await check('a variable named like a global', async () => {
    const process = { pid: 'not the global' };
    const Math = { max: () => 'mine' };
    assert.deepEqual(await result(() => [process.pid, Math.max(1, 2)]), ['not the global', 'mine']);
  });
  await check('names of any script', async () => {
    const größe = 5;
    const 变量 = 2;
    const ab = 1;
    assert.equal(await result(() => größe * 变量 + ab), 11);
  });
  await check('labels, property names and strings are no variables', async () => {
    const label = { value: 1 };
    const fn = (n) => {
      outer: for (;;) {
        for (;;) {
          if (n > 0) break outer;
          n++;
        }
      }
      return { n, value: label.value, text: 'notAVariable' };
    };
    assert.deepEqual(await result(fn, 0), { n: 1, value: 1, text: 'notAVariable' });
  });
  await check('typeof of what does not exist', async () => {
    assert.equal(await result(() => typeof thereIsNoSuchThing), 'undefined');
  });

  // Factories.
  await check('a factory of a module: its variables and those of the module', async () => {
    assert.equal(await result(esm.multiplier(2), 5), 30);
    const fn = esm.memoize((x) => x + scale);
    fn(1);
    assert.deepEqual(await result(fn, 2), [5, 2, 3]);
    assert.deepEqual(await result(esm.memoized, 2), [6, 1, 3]);
  });
  await check('a closure as a result', async () => {
    const adder = await result((k) => (x) => x + k, 5);
    assert.equal(adder(1), 6);
    const multiply = await result(esm.multiplier, 5);
    assert.equal(multiply(2), 30);
    assert.equal(await result(multiply, 3), 45);
  });
  await check('a closure as an argument comes back as itself', async () => {
    const k = 2;
    const fn = (x) => x * k;
    const [back, value] = await result((f) => [f, f(4)], fn);
    assert.equal(back, fn);
    assert.equal(value, 8);
  });
  await check('a captured closure comes back as itself', async () => {
    const k = 2;
    const fn = (x) => x * k;
    assert.equal(await result(() => fn), fn);
    const capturedReference = esm.exported;
    assert.equal(await result(() => capturedReference), esm.exported);
  });
  await check('the function itself comes back as itself', async () => {
    const k = 2;
    const fn = () => [fn, k];
    assert.equal((await result(fn))[0], fn);
  });

  // Classes.
  await check(
    'two functions of one place that capture nothing are two, and come back as themselves',
    async () => {
      const make = () => () => 1;
      const makeClass = () => class {};
      const [a, b, A, B] = [make(), make(), makeClass(), makeClass()];
      const look = (a, b, A, B, ofB) => [a, b, a === b, A, B, A === B, new A(), new B(), ofB instanceof A, ofB instanceof B]; // prettier-ignore
      const back = await pool.submit(look, a, b, A, B, new B());
      const [ofA, ofB] = back.splice(6, 2);
      assert.deepEqual(back, [a, b, false, A, B, false, false, true]);
      assert.deepEqual([ofA instanceof A, ofA instanceof B], [true, false]);
      assert.deepEqual([ofB instanceof A, ofB instanceof B], [false, true]);
      const selves = [0, 1, 2].map(() => function self() { return self; }); // prettier-ignore
      for (const self of selves) assert.equal(await pool.submit(self), self);
    },
  );
  await check('a local class', async () => {
    const k = 2;
    class Local {
      #x = k;
      static s = k * 2;
      static make() {
        return new Local();
      }
      value() {
        return this.#x + scale;
      }
    }
    assert.equal(await result(() => new Local().value() + Local.s), 9);
    assert.equal(await result((L) => L.make().value(), Local), 5);
  });
  await check('a local class that calls captured functions while it is being made', async () => {
    const define = Object.defineProperty;
    const name = (target, value) => define(target, 'name', { value });
    class Local {
      static {
        name(this, 'Renamed');
      }
    }
    assert.equal(await pool.submit(() => Local.name), 'Renamed');
  });
  await check('an instance of a local class, there and back', async () => {
    const k = 2;
    class Local {
      constructor(x) {
        this.x = x;
      }
      value() {
        return this.x * k;
      }
    }
    const instance = new Local(4);
    assert.equal(await result((l) => l.value(), instance), 8);
    const back = await result(identity, instance);
    assert.ok(back instanceof Local);
    assert.equal(back.value(), 8);
  });
  await check('a class that extends one of the program', async () => {
    const k = 2;
    class Derived extends Base {
      third() {
        return super.scaled() + k;
      }
    }
    assert.equal(await result(() => new Derived(1).third()), 5);
    assert.equal(await result((d) => d.third(), new Derived(2)), 8);
    const back = await result(identity, new Derived(2));
    assert.ok(back instanceof Derived && back instanceof Base);
  });
  await check('a class that extends a local one', async () => {
    const k = 2;
    class B {
      b() {
        return k + scale;
      }
    }
    class D extends B {
      static s = k;
      d() {
        return this.b() + k;
      }
    }
    const E = class F extends D {
      e() {
        return new E().d() + new F().d();
      }
    };
    assert.equal(await result((C) => new C().d(), D), 7);
    assert.equal(await result((C) => C.s, D), 2);
    assert.equal(await result((C) => new C().e(), E), 14);
    assert.equal(await result(() => new D() instanceof B), true);
    assert.ok((await result((C) => new C(), E)) instanceof E);
  });
  await check('a class that extends what an expression gives', async () => {
    const k = 2;
    const mixin = (Super) =>
      class extends Super {
        mixed() {
          return this.x + k;
        }
      };
    const Mixed = mixin(Base);
    assert.equal(await result((C) => new C(1).mixed(), Mixed), 3);
    assert.equal(await result((m) => m.mixed(), new Mixed(5)), 7);
  });
  await check('a local class that extends a built-in one', async () => {
    const k = 2;
    class LocalError extends RangeError {
      code = 'LOCAL' + k;
    }
    class Stack extends Array {
      top() {
        return this.at(-1);
      }
    }
    const fail = () => {
      throw new LocalError('failed');
    };
    const error = await result(fail).catch((e) => e);
    assert.ok(error instanceof LocalError);
    assert.deepEqual([error.message, error.code], ['failed', 'LOCAL2']);
    assert.equal(await result(() => Stack.of(1, 2).top()), 2);
  });
  await check('a method of a local class, on an instance', async () => {
    const k = 2;
    class Local {
      constructor(x) {
        this.x = x;
      }
      times(y) {
        return this.x * y * k;
      }
    }
    assert.equal(await result(Local.prototype.times.bind(new Local(3)), 4), 24);
  });
  await check('an instance of a hidden class is captured', async () => {
    const shape = new esm.Shape(2);
    const hidden = esm.reveal().makeHiddenShape(3);
    assert.deepEqual(await result(() => [shape.area(), hidden.area()]), [12, 28]);
  });

  // Without end, and much of it.
  await check('a list of a thousand closures', async () => {
    const fns = Array.from({ length: 1000 }, (_, i) => (x) => x + i);
    const sum = (all) => all.reduce((total, fn) => total + fn(1), 0);
    assert.equal(await result(sum, fns), 1000 + 499_500);
  });
  await check('a chain of 2000 closures', async () => {
    let fn = (x) => x;
    for (let i = 0; i < 2000; i++) {
      const inner = fn;
      fn = (x) => inner(x) + 1;
    }
    assert.equal(await result(fn, 0), 2000);
  });
  await check('functions made by new Function and eval', async () => {
    assert.equal(await result(new Function('a', 'b', 'return a + b'), 1, 2), 3);
    assert.equal(await result(eval('(x) => x + 1'), 1), 2);
    assert.equal(await result((0, eval)('(function (x) { return x + 2; })'), 1), 3);
    const k = 5;
    assert.equal(await result(eval('(x) => x + k'), k), 10);
    const kindOf = (fn) => Object.getPrototypeOf(fn).constructor;
    const AsyncFunction = kindOf(async () => {});
    assert.equal(await result(new AsyncFunction('x', 'return (await x) + 1'), 1), 2);
    const generator = new (kindOf(function* () {}))('x', 'yield x; yield x + 1');
    assert.deepEqual(await result((made) => [...made(1)], generator), [1, 2]);
    assert.equal(
      await result(new Function('a = (1)', '{ b = ")" } = {}', '// )\nreturn a + b'), 2),
      '2)',
    );
    assert.equal(await result(new Function('return (x) => x + 1')(), 1), 2);
    assert.equal(await result(new Function('return new.target === undefined && this')), globalThis);
    assert.equal(
      await result(new Function('x', '"use strict"; return this ?? x\n//# sourceURL=made.js'), 3),
      3,
    );
    // The text is that of a function of new Function, but it stands in code that has variables.
    assert.equal(await result(eval('(function anonymous(x\n) {\nreturn x + k\n})'), 1), 6);
    assert.equal(
      await result(new Function('x', 'return x + scaled.length'), 1).catch(({ name }) => name),
      'ReferenceError',
    );
  });
  await check('direct eval inside the function sees the program', async () => {
    assert.equal(await result((text) => eval(text), 'scaled(2)'), 6);
  });

  await check('the pool works on', gives(3, add, 1, 2));
  await pool.shutdown();
}
