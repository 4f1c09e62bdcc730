/** Functions that are reached from the top level of a module, or belong to Node.js: each is sent to a worker and called there. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path, { join } from 'node:path';
import { promisify } from 'node:util';
import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import AnonymousClass from './functions/anonymous_class.mjs';
import anonymousDefault from './functions/anonymous_default.mjs';
import anonymousFunction from './functions/anonymous_function.mjs';
import namedDefault, * as esm from './functions/esm.mjs';
import * as oneLine from './functions/one_line.mjs';
import { identity, place } from './tasks.mjs';

// Looks like the line appended to modules, as in a minified bundle with this package, but gives no access to the scope.
export const looksLikeDoor = `
;/* mpi-futures: a way into this module */`;

const require = createRequire(import.meta.url);
const commonJs = require('./functions/exports_object.cjs');
const oneByOne = require('./functions/exports_one_by_one.cjs');
const exportedFunction = require('./functions/exports_function.cjs');

const scale = 3;
let calls = 0;

function ofTheProgram(x) {
  return x * scale;
}

const arrowOfTheProgram = (x) => ofTheProgram(x) + 1;

function countCalls() {
  return [++calls, place()];
}

class OfTheProgram {
  constructor(x) {
    this.x = x;
  }
  static make(x) {
    return new OfTheProgram(x);
  }
  times(y) {
    return this.x * y * scale;
  }
}

function even(n) {
  return n === 0 || odd(n - 1);
}

function odd(n) {
  return n !== 0 && even(n - 1);
}

if (isMain) {
  const pool = new PoolExecutor();
  const hidden = esm.reveal();
  const hiddenCommonJs = commonJs.reveal();

  /** On a worker `fn` gives what is expected. */
  const gives = (expected, fn, ...args) => {
    return async () => assert.deepStrictEqual(await pool.submit(fn, ...args), expected);
  };

  await check('a task runs elsewhere', async () => {
    assert.notEqual(await pool.submit(place), place());
  });

  // The program itself.
  // mpi4py: `main=True`, the default: the main module is imported at the start
  await check('function of the program', gives(6, ofTheProgram, 2));
  await check('arrow function of the program', gives(7, arrowOfTheProgram, 2));
  await check('static method of the program that makes an instance', async () => {
    const made = await pool.submit(OfTheProgram.make, 5);
    assert.ok(made instanceof OfTheProgram);
    assert.equal(made.times(2), 30);
  });
  await check('functions of the program that call each other', gives(true, even, 10));
  await check('a variable of the program keeps its value on each worker', async () => {
    const counts = new Map();
    for (const [count, where] of await Promise.all(
      Array.from({ length: 20 }, () => pool.submit(countCalls)),
    )) {
      counts.set(
        where,
        [...(counts.get(where) ?? []), count].sort((a, b) => a - b),
      );
    }
    for (const seen of counts.values()) {
      assert.deepEqual(
        seen,
        seen.map((_, i) => i + 1),
      );
    }
    assert.equal(calls, 0);
  });

  // An ES module.
  await check('exported function', gives(6, esm.exported, 2));
  // mpi4py: only functions that can be imported
  await check('hidden function', gives(9, hidden.hidden, 2));
  await check('exported arrow function', gives(8, esm.arrow, 2));
  await check('hidden asynchronous arrow function', gives(9, hidden.hiddenArrow, 2));
  await check('function that uses a generator', gives([0, 3, 6], esm.usesGenerators, 3));
  await check('function that uses an asynchronous one', gives([1, 4], esm.usesAsyncGenerators, 2));
  await check(
    'generator as an argument',
    gives([0, 3], (f) => [...f(2)], hidden.numbers),
  );
  await check('default export with a name', gives(5, namedDefault, 2));
  await check('default export without a name: arrow', gives(14, anonymousDefault, 2));
  await check('default export without a name: function', gives(-5, anonymousFunction, 2));
  await check('static of a default export without a name', gives(14, AnonymousClass.times, 2));
  await check('method of a default export without a name', async () => {
    assert.equal(await pool.submit(AnonymousClass.prototype.plus, 2), 9);
    assert.equal(await pool.submit((C) => new C().plus(1), AnonymousClass), 8);
  });
  await check('import.meta is that of the module', async () => {
    const url = new URL('./functions/esm.mjs', import.meta.url).href;
    assert.deepEqual(await pool.submit(esm.whereAmI), [url, 'esm.mjs']);
  });
  await check('a module keeps its state on one worker', async () => {
    const results = await Promise.all(
      Array.from({ length: 10 }, () => pool.submit(esm.increment, 1)),
    );
    for (const worker of new Set(results.map(([, where]) => where))) {
      const counts = results.flatMap(([count, where]) => (where === worker ? [count] : []));
      assert.deepEqual(
        counts.sort((a, b) => a - b),
        counts.map((_, i) => i + 1),
      );
    }
  });

  // Classes.
  await check('static method of a hidden class', gives(6, hidden.Counter.create, 5));
  await check(
    'static method with a private field by name',
    gives(42, hidden.Counter.namedSecret, 2),
  );
  await check('static method with a private field by this, bound', async () => {
    assert.equal(await pool.submit(hidden.Counter.withSecret.bind(hidden.Counter), 2), 42);
  });
  await check('static field with an arrow function', gives(46, hidden.Counter.arrow, 2));
  await check('static asynchronous method', gives(3, hidden.Counter.later, 2));
  await check(
    'static generator',
    gives([0, 3], (f) => [...f(2)], esm.Shape.each),
  );
  await check('function that a static getter returns', gives(5, hidden.Counter.reading, 2));
  await check('method bound to an instance', async () => {
    assert.equal(await pool.submit(esm.Shape.prototype.area.bind(new esm.Shape(2))), 12);
  });
  await check('method of a prototype, called on an instance', async () => {
    const call = (method, self, ...args) => method.apply(self, args);
    assert.equal(await pool.submit(call, esm.Shape.prototype.area, new esm.Shape(2)), 12);
  });
  await check('method with a computed name', async () => {
    assert.equal(await pool.submit(esm.Shape.prototype['computed name'], 2), 5);
  });
  await check('method with spaces in its name', async () => {
    assert.equal(await pool.submit(esm.Shape.prototype['with spaces'], 2), 6);
  });
  await check('method named by a symbol', gives(3, esm.Shape.prototype[Symbol.toPrimitive]));
  await check('getter of a descriptor', async () => {
    const { get } = Object.getOwnPropertyDescriptor(esm.Shape.prototype, 'half');
    assert.equal(await pool.submit(get.bind(new esm.Shape(4))), 2);
  });
  await check('setter of a descriptor', async () => {
    const { set } = Object.getOwnPropertyDescriptor(esm.Shape.prototype, 'half');
    const apply = (setter) => {
      const target = {};
      setter.call(target, 4);
      return target;
    };
    assert.deepEqual(await pool.submit(apply, set), { side: 8 });
  });
  await check('method that uses super, bound', async () => {
    const area = hidden.HiddenShape.prototype.area.bind(hidden.makeHiddenShape(2));
    assert.equal(await pool.submit(area), 13);
  });
  await check('static method that uses super, bound', async () => {
    assert.equal(await pool.submit(hidden.HiddenShape.unit.bind(hidden.HiddenShape)), 4);
  });
  // test_futures.py: Pickle good_pickle
  await check('instance of a hidden class as a result', async () => {
    const made = await pool.submit(hidden.makeHiddenShape, 2);
    assert.ok(made instanceof hidden.HiddenShape);
    assert.equal(made.area(), 13);
  });
  await check(
    'class as an argument',
    gives(12, (S) => new S(2).area(), esm.Shape),
  );
  await check('class as a result is the class', async () => {
    assert.equal(await pool.submit(identity, hidden.HiddenShape), hidden.HiddenShape);
  });
  await check('what was attached to a function', gives(5, esm.exported.attached, 2));
  await check('what was attached to a class', gives(5, esm.Shape.attached, 2));
  await check('what was added to a prototype, bound', async () => {
    assert.equal(await pool.submit(esm.Shape.prototype.added.bind({ side: 1 })), 4);
  });

  // Objects.
  const { toolbox } = esm;
  await check('method of an object', gives(5, toolbox.method, 2));
  await check('asynchronous method of an object', gives(6, toolbox.asyncMethod, 2));
  await check('function in an object', gives(6, toolbox.fn, 2));
  await check('arrow function in an object', gives(-1, toolbox.arrow, 2));
  await check('function deep in an object', gives([2, 3], toolbox.deep.deeper.deepest, 2));
  await check('function in an array', gives(6, toolbox.list[1], 2));
  await check('function under a number', gives(7, toolbox[5], 2));
  await check('function under a text', gives(5, toolbox['not-a-name'], 2));
  await check('function under a symbol', gives(5, toolbox[Symbol.for('mpi-futures.test')], 2));
  await check('method bound to the object it is in', gives(6, toolbox.usesThis.bind(toolbox)));
  await check('getter of an object', async () => {
    const { get } = Object.getOwnPropertyDescriptor(toolbox, 'getter');
    assert.equal(await pool.submit(get), 3);
  });
  await check('destructured function', async () => {
    assert.equal(await pool.submit(esm.destructured, 2), 5);
    assert.equal(await pool.submit(esm.fromList, 2), 5);
  });
  await check('variable that was assigned to again', gives(60, esm.reassigned, 2));

  // Names.
  await check('names of any script', async () => {
    assert.equal(await pool.submit(esm.größe, 2), 6);
    assert.equal(await pool.submit(esm.世界, 2), '世界 6');
    assert.equal(await pool.submit(esm.$, 2), 5);
  });
  await check('function named like a global', async () => {
    assert.equal(await pool.submit(hidden.parseInt, 2), 'not the global parseInt: 6');
  });
  await check('method of an object named like a global', async () => {
    assert.equal(await pool.submit(hidden.Math.pow, 2), 'not the global Math.pow: 6');
  });
  await check('functions on one line, without names and with the same parameters', async () => {
    const results = await Promise.all(oneLine.all.map((fn) => pool.submit(fn, 5)));
    assert.deepEqual(results, [10, 10, 7, 3, 5, 25]);
    const { f, h, i } = oneLine;
    assert.deepEqual(await Promise.all([f, h, i].map((fn) => pool.submit(fn, 5))), [52, 7, 20]);
  });

  // CommonJS.
  await check('CommonJS: function in module.exports', gives(5, commonJs.inObject, 2));
  await check('CommonJS: arrow function in module.exports', gives(7, commonJs.arrow, 2));
  await check('CommonJS: deep in module.exports', gives(8, commonJs.nested.deep, 2));
  await check('CommonJS: hidden function', gives(6, hiddenCommonJs.hidden, 2));
  await check('CommonJS: static method', async () => {
    const box = await pool.submit(commonJs.Box.of, 'x');
    assert.ok(box instanceof commonJs.Box);
    assert.deepEqual(await pool.submit(commonJs.Box.prototype.open.bind(box)), ['x', 3]);
  });
  await check('CommonJS: exports.name', async () => {
    const { first, second, third, fourth, fifth } = oneByOne;
    const results = [first, second, third, fourth, fifth].map((fn) => pool.submit(fn, 10));
    assert.deepEqual(await Promise.all(results), [50, 51, 5, 2, 2]);
  });
  await check('CommonJS: module.exports is a function', async () => {
    assert.equal(await pool.submit(exportedFunction, 2), 22);
    assert.equal(await pool.submit(exportedFunction.more, 2), 13);
  });
  await check('CommonJS: require, __dirname and __filename', async () => {
    const expected = hiddenCommonJs.usesRequire('x');
    assert.equal(await pool.submit(hiddenCommonJs.usesRequire, 'x'), expected);
    assert.equal(await pool.submit(hiddenCommonJs.requiring), path.sep);
    assert.equal(await pool.submit(hiddenCommonJs.usesSibling, 2), 11);
  });
  await check('CommonJS: state of a module', async () => {
    const counts = await pool.submit(
      async (f) => [await f(1), await f(1), await f(1)],
      commonJs.increment,
    );
    assert.deepEqual(counts, [1, 2, 3]);
  });
  await check(
    'CommonJS: this of a sloppy function is globalThis',
    gives(true, hiddenCommonJs.sloppyThis),
  );
  await check(
    'CommonJS: this of a strict function is undefined',
    gives(true, hiddenCommonJs.strictThis),
  );
  await check('CommonJS: what only sloppy mode knows', gives(11, hiddenCommonJs.legacy, 2));

  // Packages.
  const folder = mkdtempSync(join(tmpdir(), 'mpi-futures-'));
  try {
    writePackages(folder);
    const from = createRequire(join(folder, 'app.js'));
    const small = from('small');
    const modern = await import(from.resolve('modern'));
    await check('function of a CommonJS package', gives(8, small.add, 2));
    await check('hidden function of a CommonJS package', gives(12, small.reveal().hidden, 2));
    await check('function of a package deep inside', gives(9, from('small/lib/deep').deep, 3));
    await check('function of an ES package', gives(5, modern.add, 2));
    await check('hidden function of an ES package', gives(-1, modern.reveal().hidden, 2));
  } finally {
    rmSync(folder, { recursive: true });
  }

  // Node.js and the language.
  await check('Math.pow', gives(1024, Math.pow, 2, 10));
  await check('join of node:path', gives(join('a', 'b'), join, 'a', 'b'));
  await check('the global parseInt', gives(255, globalThis.parseInt, 'ff', 16));
  await check('Number.parseFloat', gives(1.5, Number.parseFloat, '1.5'));
  await check('Buffer.from', gives(Buffer.from('abc'), Buffer.from, 'abc'));
  await check(
    'structuredClone',
    gives({ a: [1, new Date(0)] }, structuredClone, { a: [1, new Date(0)] }),
  );
  await check('JSON.stringify', gives('{"a":1}', JSON.stringify, { a: 1 }));
  await check('Array.prototype.map.call, bound', async () => {
    const map = Array.prototype.map.call.bind(Array.prototype.map);
    assert.deepEqual(await pool.submit(map, [1, 2], (x) => x * 2), [2, 4]);
  });
  await check('Function.prototype.call and apply', async () => {
    assert.equal(await pool.submit(Function.prototype.call.bind(Math.max, null, 1), 2), 2);
    assert.equal(await pool.submit(Function.prototype.apply.bind(Math.max, null), [1, 2]), 2);
  });
  await check('Math, JSON and Reflect themselves, as arguments and results', async () => {
    const call = (math, json, reflect) => [
      math.max(1, 2),
      json.stringify(1),
      reflect.ownKeys({ a: 1 }),
    ];
    assert.deepEqual(await pool.submit(call, Math, JSON, Reflect), [2, '1', ['a']]);
    assert.equal(await pool.submit(() => Math), Math);
  });
  await check('String and Array as functions', async () => {
    assert.equal(await pool.submit(String, 12), '12');
    assert.deepEqual(await pool.submit(Array.from, new Set([1, 2])), [1, 2]);
  });
  await check('function of node:fs/promises', async () => {
    const { readFile } = await import('node:fs/promises');
    assert.match(
      await pool.submit(readFile, import.meta.filename ?? process.argv[1], 'utf8'),
      /readFile/,
    );
  });
  await check('function that promisify has made', async () => {
    const { execFile } = await import('node:child_process');
    const run = async (command, args) => {
      const { execFile } = await import('node:child_process');
      const { promisify } = await import('node:util');
      return (await promisify(execFile)(command, args)).stdout.trim();
    };
    assert.equal(await pool.submit(run, process.execPath, ['-p', '1+1']), '2');
    await assert.rejects(async () => pool.submit(promisify(execFile), process.execPath, ['-v']), {
      code: 'ERR_DATA_CLONE',
    });
  });

  // Bound functions.
  await check('bound function', gives([1, 2, 3], ((...all) => all).bind(null, 1, 2), 3));
  await check('function bound over and over', async () => {
    const list = (...all) => all;
    assert.deepEqual(
      await pool.submit(list.bind(null, 1).bind(null, 2).bind(null, 3), 4),
      [1, 2, 3, 4],
    );
  });
  await check('bound built-in', async () => {
    assert.equal(await pool.submit(Math.max.bind(null, 5), 3), 5);
    assert.equal(await pool.submit(Map.prototype.get.bind(new Map([['a', 1]])), 'a'), 1);
    assert.deepEqual(await pool.submit([3, 1, 2].toString.bind([3, 1, 2])), '3,1,2');
  });
  await check('function bound to an object that contains it', async () => {
    const self = { x: 5 };
    self.get = function (y) {
      return [this.x + y, this.get === self.get, typeof this.get];
    }.bind(self);
    const fn = function () {
      return [this.x, typeof this.fn, this.fn.name];
    };
    const holder = { x: 6 };
    holder.fn = fn.bind(holder);
    assert.deepEqual(await pool.submit(holder.fn), [6, 'function', 'bound fn']);
  });
  await check('this of a bound function and of one that is not', async () => {
    const thisType = function () {
      return this === undefined ? 'undefined' : typeof this;
    };
    assert.equal(await pool.submit(thisType), 'undefined');
    assert.equal(await pool.submit(thisType.bind('text')), 'string');
    assert.equal(await pool.submit(OfTheProgram.prototype.times.bind(new OfTheProgram(2)), 2), 12);
  });

  // Functions among values.
  await check('functions keep their identity there and back', async () => {
    const sent = [esm.exported, hidden.hidden, ofTheProgram, Math.pow, join, OfTheProgram, Map];
    const back = await pool.submit(identity, sent);
    assert.ok(
      back.every((fn, i) => fn === sent[i]),
      back.map((fn, i) => fn === sent[i]).join(),
    );
  });
  await check('a function in an argument is the one of its module', async () => {
    assert.equal(await pool.submit((f) => f === esm.exported, esm.exported), true);
  });
  await check('a function of a module as a result', async () => {
    assert.equal(await pool.submit(() => esm.exported), esm.exported);
    assert.equal(await pool.submit(() => hidden_of_esm()), hidden.hidden);
  });
  await check('a function of the program as a result', async () => {
    assert.equal(await pool.submit(returnsOfTheProgram), ofTheProgram);
  });
  await check('functions in Maps, Sets and keys', async () => {
    const value = new Map([[esm.exported, new Set([hidden.hidden])]]);
    const back = await pool.submit(identity, value);
    assert.ok(back.get(esm.exported).has(hidden.hidden));
  });
  await check('an error of a class of the program', async () => {
    const error = await pool.submit(throwsOwn).catch((e) => e);
    assert.ok(error instanceof esm.NotPlainError);
    assert.deepEqual([error.message, error.extra], ['own', { a: 1 }]);
  });
  await check('map with a function of each kind', async () => {
    assert.deepEqual(await pool.map(hidden.hidden, [1, 2, 3]).toArray(), [6, 9, 12]);
    assert.deepEqual(await pool.map(Math.pow, [1, 2, 3], [2, 2, 2]).toArray(), [1, 4, 9]);
    assert.deepEqual(
      await pool.map(Math.max.bind(null, 2), [1, 2, 3], { chunkSize: 2 }).toArray(),
      [2, 2, 3],
    );
    assert.deepEqual(await pool.starmap(toolbox.fn, [[1], [2]]).toArray(), [3, 6]);
  });
  await check('a function named hundreds of times in one value', async () => {
    const back = await pool.submit(identity, Array(500).fill(hidden.hidden));
    assert.ok(back.every((fn) => fn === hidden.hidden));
  });

  await pool.shutdown();
}

function hidden_of_esm() {
  return esm.reveal().hidden;
}

function returnsOfTheProgram() {
  return ofTheProgram;
}

function throwsOwn() {
  throw new esm.NotPlainError('own', { a: 1 });
}

/** One package of each kind, as npm would have installed them. */
function writePackages(folder) {
  const files = {
    'small/package.json': '{"name":"small","version":"1.0.0","main":"index.js"}',
    'small/index.js': `const k = 6; const deep = require('./lib/deep');
function hidden(x) { return x * k; }
module.exports = { add: (x) => x + k, reveal: () => ({ hidden }), deep };`,
    'small/lib/deep.js': 'const k = 3; exports.deep = function (x) { return x * k; };',
    'modern/package.json':
      '{"name":"modern","version":"1.0.0","type":"module","exports":"./index.js"}',
    'modern/index.js': `const k = 3; export const add = (x) => x + k; const hidden = (x) => x - k;
export const reveal = () => ({ hidden });`,
  };
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, 'node_modules', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
