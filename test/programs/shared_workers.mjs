/** Executors that share the workers of the launcher: each has its own options, and its turn. */

import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import v8 from 'node:v8';
import { PoolExecutor, isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { busy } from './tasks.mjs';

const WORKERS = 2;

/** The middle one of an odd number. */
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

if (isMain) {
  await check('options of both executors reach the workers before a task', async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mpi-futures-')));
    const start = process.cwd();
    const modules = ['first', 'second'].map((name) => join(folder, `only_${name}.mjs`));
    for (const file of modules) writeFileSync(file, `export default ${JSON.stringify(file)};`);
    const optionsOf = (name, cwd) => ({
      initializer: (name) => ((globalThis.initializedBy ??= []).push(name), undefined),
      initArgs: [name],
      env: { [`OF_${name}`]: name },
      globals: { [`global_${name}`]: name },
      path: [folder],
      cwd,
      codec: {
        encode: (value) => v8.serialize([name, value]),
        decode(bytes) {
          const [encodedBy, value] = v8.deserialize(bytes);
          if (encodedBy !== name)
            throw new Error(`${name} cannot decode what ${encodedBy} encoded`);
          return value;
        },
      },
    });
    const seenBy = (name) => async (file) => [
      globalThis.initializedBy.includes(name),
      process.env[`OF_${name}`],
      globalThis[`global_${name}`],
      (await import(file)).default,
    ];
    const first = new PoolExecutor(optionsOf('first', folder));
    const second = new PoolExecutor(optionsOf('second', start));
    const results = [];
    for (let i = 0; i < 10; i++) {
      results.push(first.submit(seenBy('first'), 'only_first.mjs'));
      results.push(second.submit(seenBy('second'), 'only_second.mjs'));
    }
    for (const [i, result] of (await Promise.all(results)).entries()) {
      const name = ['first', 'second'][i % 2];
      assert.deepEqual(result, [true, name, name, modules[i % 2]]);
    }
    await Promise.all([first.shutdown(), second.shutdown()]);
    rmSync(folder, { recursive: true });
  });

  await check('a task waits for three tasks of a map of 10 000 at most', async () => {
    const [long, short] = [new PoolExecutor(), new PoolExecutor()];
    await Promise.all([long.bootup(), short.bootup()]);
    const results = long.map(busy, Array(10_000).fill(5));
    await results.next();
    const meanwhile = [];
    for (let i = 0; i < 21; i++) {
      const before = long.stats().done;
      await short.submit(busy, 5);
      meanwhile.push(long.stats().done - before);
    }
    // In the time of three tasks each worker does three.
    assert.ok(median(meanwhile) <= 3 * WORKERS, `done before each: ${meanwhile}`);
    await results.return();
    assert.ok(long.stats().done < 5000);
    await Promise.all([long.shutdown(), short.shutdown()]);
  });
}
