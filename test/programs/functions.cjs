/** A CommonJS program that sends its own functions. */

const assert = require('node:assert/strict');
const os = require('node:os');
const path = require('node:path');
const { isMain } = require('mpi-futures');
const { PoolExecutor } = require('./executor.mjs');
const commonJs = require('./functions/exports_object.cjs');

const scale = 3;
let count = 0;

function hidden(x) {
  return x * scale;
}

const arrow = (x) => hidden(x) + 1;

class Box {
  constructor(content) {
    this.content = content;
  }
  static of(content) {
    return new Box(content);
  }
  open(by = scale) {
    return [this.content, by];
  }
}

function sloppyThis() {
  return this === globalThis;
}

function strictThis() {
  'use strict';
  return this === undefined;
}

function increment() {
  return ++count;
}

exports.exported = (x) => hidden(x) + 2;

async function main() {
  const { check } = await import('./check.mjs');
  const esm = await import('./functions/esm.mjs');
  const pool = new PoolExecutor();
  const gives = (expected, fn, ...args) => {
    return async () => assert.deepStrictEqual(await pool.submit(fn, ...args), expected);
  };

  // The first functions and modules of Node.js that this process sends.
  await check('a module of Node.js after one of its functions', async () => {
    const local = path;
    const { join } = path;
    assert.equal(await pool.submit(() => join('a', local.basename('/x/y'))), path.join('a', 'y'));
  });
  await check('hidden function', gives(6, hidden, 2));
  await check('arrow function', gives(7, arrow, 2));
  await check('exported function', gives(8, exports.exported, 2));
  await check('static method that makes an instance', async () => {
    const box = await pool.submit(Box.of, 5);
    assert.ok(box instanceof Box);
    assert.deepEqual(await pool.submit(Box.prototype.open.bind(box)), [5, 3]);
  });
  await check('state of the program on a worker', async () => {
    const counts = await pool.submit(() => [increment(), increment() - 1]);
    assert.equal(counts[0], counts[1]);
    assert.equal(count, 0);
  });
  await check('closure', async () => {
    const k = 5;
    assert.equal(await pool.submit((x) => hidden(x) + k, 1), 8);
  });
  await check('require inside a lambda', async () => {
    assert.equal(await pool.submit(() => require('node:os').EOL), os.EOL);
    assert.equal(
      await pool.submit((x) => require('./functions/exports_object.cjs').arrow(x), 2),
      7,
    );
    const k = 5;
    assert.equal(
      await pool.submit((x) => require('node:path').join(x, String(k)), 'a'),
      path.join('a', '5'),
    );
  });
  await check(
    'imports of the program in a lambda',
    gives(os.EOL, () => os.EOL),
  );
  await check('__filename and __dirname', async () => {
    assert.deepEqual(await pool.submit(() => [__filename, __dirname]), [__filename, __dirname]);
  });
  await check('import() in a lambda', async () => {
    assert.equal(
      await pool.submit(async () => (await import('./functions/esm.mjs')).exported(2)),
      6,
    );
    assert.equal(await pool.submit(async () => (await import('./tasks.mjs')).add(scale, 2)), 5);
  });
  await check('require.main is not the program on a worker', async () => {
    assert.equal(require.main === module, true);
    assert.equal(await pool.submit(() => require.main === module), false);
    assert.equal(await pool.submit(() => isMain), false);
  });
  await check('module and exports in a lambda', async () => {
    assert.equal(await pool.submit(() => module.exports.exported(1)), 5);
    assert.equal(await pool.submit(() => exports.exported(1)), 5);
  });
  await check('this of a sloppy function is globalThis', async () => {
    assert.equal(await pool.submit(sloppyThis), true);
    assert.equal(await pool.submit(function () { return this === globalThis; }), true); // prettier-ignore
    const k = 1;
    assert.equal(await pool.submit(function () { return k && this === globalThis; }), true); // prettier-ignore
  });
  await check('this of a strict function is undefined', async () => {
    assert.equal(await pool.submit(strictThis), true);
    const k = 1;
    assert.equal(await pool.submit(function () { 'use strict'; return k && this === undefined; }), true); // prettier-ignore
  });
  await check('this of an arrow function at the top level is refused or exports', async () => {
    const outcome = await pool.submit(topLevelThis).catch((error) => error.code);
    assert.ok(outcome === 'ERR_DATA_CLONE' || outcome === 'function', String(outcome));
  });
  await check('arguments and callee', async () => {
    const k = 1;
    assert.deepEqual(await pool.submit(function (n) { return n === 0 ? [k] : arguments.callee(n - 1); }, 2), [1]); // prettier-ignore
  });
  await check('functions of other modules', async () => {
    assert.equal(await pool.submit(commonJs.arrow, 2), 7);
    assert.equal(await pool.submit(esm.reveal().hidden, 2), 9);
  });
  await check('identity is kept', async () => {
    const all = [hidden, arrow, Box, commonJs.arrow, esm.exported, exports.exported];
    const back = await pool.submit((x) => x, all);
    assert.ok(
      back.every((fn, i) => fn === all[i]),
      back.map((fn, i) => fn === all[i]).join(),
    );
  });

  await pool.shutdown();
}

const topLevelThis = () => typeof this.exported;

if (require.main === module) void main();
