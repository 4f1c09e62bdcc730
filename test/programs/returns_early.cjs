/** A CommonJS program that returns at its top level on workers. */

const assert = require('node:assert/strict');
const { isMain } = require('mpi-futures');
const { PoolExecutor } = require('./executor.mjs');

const scale = 3;
let count = 1;
var config;

if (!isMain) return; // the guard of a CommonJS program

const late = { k: 4 };
config = { k: 3 };
var old = 5;
count = 2;

function scaled(x) {
  return x * scale;
}

function readsConfig() {
  return typeof config;
}

function readsLate() {
  return late.k;
}

async function main() {
  const { check } = await import('./check.mjs');
  const pool = new PoolExecutor({ maxWorkers: 1 });
  const warnings = [];
  process.on('warning', ({ code, message }) => warnings.push(`${code}: ${message}`));

  await check('functions before and behind the guard', async () => {
    assert.equal(await pool.submit(scaled, 14), 42);
    assert.equal(await pool.submit((x) => scaled(x) + scale, 13), 42);
  });
  await check('variables that are assigned behind it have their present values', async () => {
    assert.deepEqual(await pool.submit(() => [config, late, old, count]), [{ k: 3 }, { k: 4 }, 5, 2]); // prettier-ignore
  });
  await check('the file is the same on the worker', () => {
    assert.deepEqual(warnings, []);
  });
  await check('lines and columns are those of the file', async () => {
    const place = () => /returns_early\.cjs:(\d+:\d+)/.exec(new Error(scale).stack)[1];
    assert.equal(await pool.submit(place), place());
  });
  await check('what a function by reference does not see is told', async () => {
    assert.equal(await pool.submit(readsConfig), 'undefined');
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], /MPI_FUTURES_VARIABLE_DIFFERS.*reads config/);
    await assert.rejects(pool.submit(readsLate), ReferenceError);
    assert.equal(warnings.length, 2);
    assert.match(
      warnings[1],
      /MPI_FUTURES_VARIABLE_DIFFERS.*reads late, which has no value on workers/,
    );
  });
  await pool.shutdown();
}
void main();
