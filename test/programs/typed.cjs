/** A CommonJS program whose modules need a hook of `require`: run with -r functions/types_stripped.cjs. */

const assert = require('node:assert/strict');
const { ModuleLoadError, defineTask, isMain } = require('mpi-futures');
const { pathToFileURL } = require('node:url');
const { PoolExecutor } = require('./executor.mjs');
const counter = require('./functions/counter.typed');

// Neither preloaded nor available on workers.
if (isMain) require.extensions['.hidden'] = require.extensions['.typed'];

const countOfProgram = () => counter.count();

async function main() {
  const { check } = await import('./check.mjs');
  const pool = new PoolExecutor({ maxWorkers: 1 });

  await check('a module that only require can load', async () => {
    assert.equal(await pool.submit(counter.increment, 2), 2);
  });
  await check('it is the one that the program requires on the worker', async () => {
    assert.equal(await pool.submit(countOfProgram), 2);
    assert.equal(await pool.submit(counter.count), 2);
    assert.equal(counter.count(), 0);
  });
  await check('an error of a class of such a module', async () => {
    const error = await pool.submit(counter.fail, 3).catch((error) => error);
    assert.ok(error instanceof counter.TooMany);
    assert.equal(error.most, 3);
  });
  await check('a task that is named in such a module', async () => {
    const { href } = pathToFileURL(require.resolve('./functions/counter.typed'));
    const increment = defineTask({ url: href }, 'increment');
    assert.equal(await pool.submit(increment, 3), 5);
    assert.equal(await increment(0), 0);
  });
  await check('without the hook on workers, the error says how it gets there', async () => {
    const { plus } = require('./functions/untold.hidden');
    const error = await pool.submit(plus, 1).catch((error) => error);
    assert.ok(error instanceof ModuleLoadError, String(error));
    assert.equal(error.code, 'ERR_MODULE_LOAD');
    assert.match(
      error.message,
      /untold\.hidden could not be imported: .*node -r ts-node\/register/s,
    );
    assert.ok(error.cause instanceof SyntaxError);
  });

  await pool.shutdown();
}

if (isMain) void main();
