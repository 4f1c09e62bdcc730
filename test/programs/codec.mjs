/** An executor's own codec, and the directories in which its workers look for modules. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path, { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import v8 from 'node:v8';
import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import { add, identity } from './tasks.mjs';

const require = createRequire(import.meta.url);

let encoded = 0;
let decoded = 0;
const codec = {
  encode(value) {
    encoded++;
    if (holds(value, 'not to be encoded')) throw new RangeError('cannot encode this');
    return v8.serialize(value);
  },
  decode(bytes) {
    decoded++;
    const value = v8.deserialize(bytes);
    if (holds(value, 'not to be decoded')) throw new RangeError('cannot decode this');
    return value;
  },
};

const holds = (value, text) => value === text || (Array.isArray(value) && value.includes(text));
const counts = () => [encoded, decoded];

if (isMain) {
  const pool = new PoolExecutor({ codec });

  // mpi4py: `closures`, `codec`, `bootTimeout`
  await check('a codec encodes arguments and results, on both sides', async () => {
    assert.deepEqual(await pool.submit(identity, { a: [new Date(5)] }), { a: [new Date(5)] });
    assert.deepEqual(counts(), [1, 1]);
    const [there] = await pool.submit(counts);
    assert.ok(there >= 0);
  });
  await check('a codec, a map and chunks', async () => {
    const k = 3;
    const times = (x) => x * k;
    assert.deepEqual(await pool.map(times, [1, 2, 3]).toArray(), [3, 6, 9]);
    assert.deepEqual(await pool.map(times, [1, 2, 3], { chunkSize: 2 }).toArray(), [3, 6, 9]);
  });
  const failures = {
    'an argument that the codec cannot encode': [identity, 'not to be encoded'],
    'an argument that the codec cannot decode': [identity, 'not to be decoded'],
    'a result that the codec cannot encode': [() => 'not to be encoded'],
    'a result that the codec cannot decode': [() => 'not to be decoded'],
  };
  // mpi4py: a result that cannot be sent, an argument that cannot be read: the future fails
  // test_futures.py: Pickle bad_pickle, bad_unpickle
  await check('what a codec cannot encode or decode rejects its own future only', async () => {
    for (const [name, [fn, ...args]] of Object.entries(failures)) {
      const before = pool.submit(add, 1, 2);
      const error = await pool.submit(fn, ...args).then(
        () => assert.fail(name),
        (error) => error,
      );
      const reason = error instanceof RangeError ? error : error.cause;
      assert.match(reason.message, /cannot (en|de)code this/, name);
      assert.deepEqual([await before, await pool.submit(add, 3, 4)], [3, 7], name);
    }
  });
  await check('an error of a task does not pass the codec', async () => {
    const fail = () => {
      throw Object.assign(new TypeError('own'), { fn: identity });
    };
    const error = await pool.submit(fail).catch((error) => error);
    assert.ok(error instanceof TypeError);
    assert.equal(error.fn, identity);
  });
  await pool.shutdown();

  await check(
    'a codec with captured variables, one that is an instance, and one with buffers',
    async () => {
      const tag = 'tag';
      const local = {
        encode: (value) => Buffer.from(tag + JSON.stringify(value)),
        decode: (bytes) => JSON.parse(Buffer.from(bytes).toString().slice(tag.length)),
      };
      class Codec {
        constructor(prefix) {
          this.prefix = prefix;
        }
        encode(value) {
          const bytes = Buffer.from(this.prefix + JSON.stringify(value));
          return { bytes, buffers: [new Uint8Array(5000).fill(bytes.length & 255).buffer] };
        }
        decode(bytes, [buffer]) {
          const text = Buffer.from(bytes).toString();
          if (new Uint8Array(buffer)[4999] !== (text.length & 255)) throw new Error('buffer lost');
          return JSON.parse(text.slice(this.prefix.length));
        }
      }
      for (const codec of [local, new Codec('p')]) {
        const other = new PoolExecutor({ codec, maxWorkers: 1 });
        assert.deepEqual(await other.submit((a, b) => [b, a], 1, [2]), [[2], 1]);
        await other.shutdown();
      }
    },
  );

  const folder = mkdtempSync(join(tmpdir(), 'mpi-futures-'));
  try {
    writeFiles(folder);
    const searching = new PoolExecutor({ path: [join(folder, 'first'), join(folder, 'second')] });
    await check(
      'path: modules are found in further directories, by import and require',
      async () => {
        assert.equal(
          await searching.submit(async () => (await import('inside')).default.name),
          'inside',
        );
        assert.equal(await searching.submit(async () => (await import('alone.mjs')).name), 'alone');
        assert.equal(await searching.submit(() => require('inside').name), 'inside');
      },
    );
    // mpi4py: `python_exe`, `python_args`, `mpi_info`, `path`, `wdir`, `env`, applied before main is imported
    await check('path: what is in several is taken from the first', async () => {
      assert.equal(await searching.submit(() => require('both').name), 'first');
    });
    await check('path: what is in none is not found, and the worker goes on', async () => {
      const missing = [() => require('not-there'), async () => import('not-there')];
      for (const fn of missing)
        await assert.rejects(searching.submit(fn), { code: /MODULE_NOT_FOUND$/ });
      assert.equal(await searching.submit(add, 1, 2), 3);
    });
    await searching.shutdown();

    await check('a module that differs: one warning that names it and the host', async () => {
      const file = join(folder, 'differs.mjs');
      writeFileSync(file, 'const k = 1; export const f = () => k; export const g = () => k;');
      const { f, g } = await import(pathToFileURL(file).href);
      writeFileSync(file, 'const k = 2; export const f = () => k; export const g = () => k;');
      const warnings = [];
      const listen = (warning) => warnings.push(warning);
      process.on('warning', listen);
      const others = new PoolExecutor();
      const calls = Array.from({ length: 20 }, (_, i) => others.submit(i % 2 === 0 ? f : g));
      await Promise.all(calls);
      await others.shutdown();
      await new Promise(setImmediate);
      process.off('warning', listen);
      const ofSources = warnings.filter(({ code }) => code !== 'MPI_FUTURES_SLOW_START');
      assert.deepEqual(
        ofSources.map(({ code }) => code),
        ['MPI_FUTURES_SOURCE_DIFFERS'],
      );
      assert.match(ofSources[0].message, /differs\.mjs/);
      assert.ok(ofSources[0].message.includes((await import('node:os')).hostname()));
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function writeFiles(folder) {
  const files = {
    'first/node_modules/inside/index.js': "exports.name = 'inside';",
    'first/node_modules/both/index.js': "exports.name = 'first';",
    'second/node_modules/both/index.js': "exports.name = 'second';",
    'second/alone.mjs': "export const name = 'alone';",
  };
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
