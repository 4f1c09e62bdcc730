/** Executors that share the workers of the launcher: each has its own options, and its turn. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import v8 from 'node:v8';
import { threadId } from 'node:worker_threads';
import { CommExecutor, PoolExecutor, isMain } from 'mpi-futures';
import { COMM_SELF, COMM_WORLD } from 'mpi-futures/mpi';
import { check } from './check.mjs';
import { busy } from './tasks.mjs';

const WORKERS = 2;

const require = createRequire(import.meta.url);
function required(name) {
  return require(name);
}

/** The settings of its executor that a task sees. */
const settings = () =>
  [process.cwd(), process.env.WHO ?? '-', globalThis.WHO ?? '-', new Date(0).getTime()].join(' ');

/** The same before and after others could have run. */
async function settingsForAWhile() {
  const before = settings();
  await setTimeout(3);
  return [before, settings()];
}

/** What a quarter of them do not reach. A machine that is busy makes some of them high, and an unfair pool all. */
const lowerQuartile = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 2];

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

  const folderOf = (...names) => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mpi-futures-')));
    for (const name of names) mkdirSync(join(folder, name));
    return folder;
  };

  await check('each executor has its own settings, and one without what was there', async () => {
    const folder = folderOf('a', 'b');
    const start = process.cwd();
    const optionsOf = (name) => ({
      cwd: join(folder, name),
      env: { WHO: name },
      // Date is a global that the package itself uses.
      globals: { WHO: `global ${name}`, Date: class extends Date { getTime() { return `time of ${name}`; } } }, // prettier-ignore
    });
    const seenBy = (name) => `${join(folder, name)} ${name} global ${name} time of ${name}`;
    const [a, b, none] = [optionsOf('a'), optionsOf('b'), {}].map((each) => new PoolExecutor(each));
    const rounds = Array(4 * WORKERS).fill();
    const expected = [
      [a, seenBy('a')],
      [b, seenBy('b')],
      [none, `${start} - - 0`],
    ];
    const results = rounds.flatMap(() =>
      expected.map(async ([pool, seen]) => {
        const [first, second] = await Promise.all([
          pool.submit(settings),
          pool.submit(settingsForAWhile),
        ]);
        assert.deepEqual([first, ...second], [seen, seen, seen]);
      }),
    );
    await Promise.all(results);
    await b.shutdown();
    for (const seen of await none.map(settings, rounds).toArray())
      assert.equal(seen, `${start} - - 0`);
    for (const seen of await a.map(settings, rounds).toArray()) assert.equal(seen, seenBy('a'));
    await Promise.all([a.shutdown(), none.shutdown()]);
    rmSync(folder, { recursive: true });
  });

  await check('what a task changes of the settings stays with its executor', async () => {
    const folder = folderOf('a', 'elsewhere');
    const start = process.cwd();
    const a = new PoolExecutor({ cwd: join(folder, 'a'), env: { WHO: 'a' }, globals: { WHO: 1 } });
    const none = new PoolExecutor();
    const change = async (where) => {
      process.chdir(where);
      delete process.env.WHO;
      globalThis.WHO = 'changed';
      await setTimeout(30); // the other workers get their tasks
    };
    const all = Array(WORKERS).fill();
    await Promise.all([a.bootup(), none.bootup()]);
    await Promise.all(all.map(() => a.submit(change, join(folder, 'elsewhere'))));
    const seenByNone = await none.map(settings, all).toArray();
    assert.deepEqual(seenByNone, Array(WORKERS).fill(`${start} - - 0`));
    const seenByA = new Set(await a.map(settings, Array(50).fill()).toArray());
    assert.ok(seenByA.has(`${join(folder, 'elsewhere')} - changed 0`), [...seenByA].join());
    await Promise.all([a.shutdown(), none.shutdown()]);
    rmSync(folder, { recursive: true });
  });

  await check('a require finds what is in the path of its executor', async () => {
    const folder = folderOf('a', 'b');
    for (const name of ['a', 'b'])
      writeFileSync(join(folder, name, 'of_path.cjs'), `module.exports = '${name}';`);
    const [a, b] = ['a', 'b'].map((name) => new PoolExecutor({ path: [join(folder, name)] }));
    const none = new PoolExecutor();
    const seenBy = async (pool) =>
      new Set(await pool.map(required, Array(4 * WORKERS).fill('of_path.cjs')).toArray());
    for (const round of [1, 2]) {
      assert.deepEqual([await seenBy(a), await seenBy(b)], [new Set('a'), new Set('b')], round);
      await assert.rejects(none.submit(required, 'of_path.cjs'), { code: 'MODULE_NOT_FOUND' });
    }
    await Promise.all([a, b, none].map((pool) => pool.shutdown()));
    rmSync(folder, { recursive: true });
  });

  await check('globals may be any that can be set, and all others stay as they are', async () => {
    const names = ['crypto', 'process', 'performance', 'Buffer', 'console', 'globalThis'];
    const types = (names) => names.map((name) => Function(`return typeof ${name}`)()).join();
    const none = new PoolExecutor();
    const before = await none.submit(types, names);
    await none.map(() => { Object.prototype.ofAll = 1; }, Array(4 * WORKERS).fill()).toArray(); // prettier-ignore
    for (const name of names) {
      const pool = new PoolExecutor({ globals: { [name]: 1 }, env: { WHO: 'a' } });
      const seen = await pool.map(types, Array(4 * WORKERS).fill([name])).toArray();
      assert.deepEqual(new Set(seen), new Set(['number']), name);
      assert.equal(await none.submit(types, names), before, name);
      await pool.shutdown();
    }
    const own = () => [globalThis, process.env].map((each) => Object.hasOwn(each, 'ofAll'));
    assert.deepEqual(await none.submit(own), [false, false]);
    await none.map(() => { delete Object.prototype.ofAll; }, Array(4 * WORKERS).fill()).toArray(); // prettier-ignore
    const broken = await new PoolExecutor({ globals: { NaN: 1 } }).submit(own).exception();
    assert.match(broken.cause.message, /globals that can be set but received 'NaN'/);
    await none.shutdown();
  });

  await check('initializers have the settings of their executor', async () => {
    const folder = folderOf('a', 'b');
    const initializer = async () => {
      await setTimeout(1);
      (globalThis.seenByInitializers ??= []).push(`${process.cwd()} ${process.env.WHO}`);
    };
    const pools = ['a', 'b'].map(
      (name) => new PoolExecutor({ cwd: join(folder, name), env: { WHO: name }, initializer }),
    );
    await Promise.all(pools.map((pool) => pool.bootup()));
    for (const seen of await pools[0]
      .map(() => globalThis.seenByInitializers, Array(9).fill())
      .toArray())
      assert.deepEqual(seen.toSorted(), [`${join(folder, 'a')} a`, `${join(folder, 'b')} b`]);
    await Promise.all(pools.map((pool) => pool.shutdown()));
    rmSync(folder, { recursive: true });
  });

  await check('modules are looked for in the directories of the executor alone', async () => {
    const folder = folderOf('a', 'b');
    for (const name of ['a', 'b'])
      writeFileSync(join(folder, name, 'of_two.mjs'), `export default '${name}';`);
    const load = () => import('of_two.mjs').then((found) => found.default, (error) => error.code); // prettier-ignore
    const [a, b, none] = [['a'], ['b'], []].map(
      (names) => new PoolExecutor({ path: names.map((name) => join(folder, name)) }),
    );
    for (let round = 0; round < 2 * WORKERS; round++) {
      const found = await Promise.all([a.submit(load), b.submit(load), none.submit(load)]);
      assert.deepEqual(found, ['a', 'b', 'ERR_MODULE_NOT_FOUND']);
    }
    await Promise.all([a.shutdown(), b.shutdown(), none.shutdown()]);
    rmSync(folder, { recursive: true });
  });

  await check('a working directory that is gone is an error of the tasks for it', async () => {
    const folder = folderOf('a');
    const a = new PoolExecutor({ cwd: join(folder, 'a') });
    const none = new PoolExecutor();
    await Promise.all([a.bootup(), none.bootup()]);
    await none.map(settingsForAWhile, Array(4 * WORKERS).fill()).toArray();
    rmSync(folder, { recursive: true });
    const errors = Array.from({ length: WORKERS }, () => a.submit(settings).exception());
    for (const error of await Promise.all(errors)) assert.equal(error?.code, 'ENOENT');
    for (const seen of await none.map(settings, Array(4).fill()).toArray())
      assert.equal(seen, `${process.cwd()} - - 0`);
    await Promise.all([a.shutdown(), none.shutdown()]);
  });

  await check(
    'a CommExecutor has the workers, but one of this rank alone has a thread',
    async () => {
      const master = process.pid;
      const place = () => [process.pid === master, threadId > 0];
      const seen = (comm) => new CommExecutor(comm).run((executor) => executor.submit(place));
      assert.deepEqual(await seen(COMM_WORLD), [false, false]);
      assert.deepEqual(await seen(COMM_SELF), [true, true]);
    },
  );

  // mpi4py: executors that share workers: a long map of one starves the others
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
    // A short task may wait for as long as three long ones take.
    assert.ok(lowerQuartile(meanwhile) <= 3 * WORKERS, `done before each: ${meanwhile}`);
    await results.return();
    assert.ok(long.stats().done < 5000);
    await Promise.all([long.shutdown(), short.shutdown()]);
  });
}
