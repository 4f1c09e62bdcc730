/** 10 000 tasks of isolated workers, whose processes are killed a hundred times meanwhile, from outside. Argument: a folder. */

import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { isMain, PoolExecutor } from 'mpi-futures';
import { check } from './check.mjs';
import { soon, until } from './dying.mjs';

const count = 10_000;
const kills = 100;

/** Notes that it has begun, in one call of the system. */
function noted(file, i) {
  appendFileSync(file, `${i}\n`);
  return [2 * i, process.pid];
}

const place = () => [process.pid, process.ppid];

/** The processes of the sandboxes, by those of their workers. */
async function sandboxesOf(pool) {
  const sandboxes = new Map();
  while (sandboxes.size < pool.numWorkers || pool.numWorkers < 2)
    for (const [pid, parent] of await Promise.all(
      Array.from({ length: 8 }, () => pool.submit(place)),
    ))
      sandboxes.set(parent, pid);
  return sandboxes;
}

const descriptorsOf = (pid) => readdirSync(`/proc/${pid}/fd`).length;

const childrenOf = (pid) => {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
};

/** In bytes. */
const memoryOf = (pid) =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;

if (isMain) {
  const [folder] = process.argv.slice(2);
  const file = `${folder}/begun-${process.pid}`;
  const pool = await new PoolExecutor().bootup();
  const careful = pool.with({ retries: kills });
  // The first one makes what all later ones use.
  const [first] = (await sandboxesOf(pool)).values();
  process.kill(first, 'SIGKILL');
  const keepers = [...(await sandboxesOf(pool)).keys()];
  const processes = [process.pid, ...keepers];
  const before = processes.map((pid) => [descriptorsOf(pid), memoryOf(pid)]);
  const killed = new Set();

  await check(
    'all have their results, once each, though a hundred processes are killed',
    async () => {
      const seen = [];
      for (let round = 0; round < kills; round++) {
        const futures = Array.from({ length: count / kills }, (_, i) =>
          careful.submit(noted, file, (round * count) / kills + i),
        );
        const [, pid] = await Promise.any(futures);
        process.kill(pid, 'SIGKILL');
        killed.add(pid);
        seen.push(...(await Promise.all(futures)));
      }
      assert.equal(killed.size, kills);
      assert.deepEqual(
        seen.map(([value]) => value),
        Array.from({ length: count }, (_, i) => 2 * i),
      );
      const begun = readFileSync(file, 'utf8').trimEnd().split('\n');
      assert.equal(new Set(begun).size, count);
      const { done, failed, lost } = pool.stats();
      assert.deepEqual([failed, lost], [0, 0]);
      assert.ok(done >= count);
    },
  );

  await check('processes, descriptors and memory are as before', async () => {
    const now = await sandboxesOf(pool);
    assert.deepEqual([...now.keys()].sort(), keepers.sort());
    for (const [keeper, sandbox] of now) {
      await soon(() => childrenOf(keeper).length === 1); // those that were killed are gone
      assert.deepEqual(childrenOf(keeper), [sandbox]);
    }
    for (const [at, pid] of processes.entries()) {
      const [descriptors, memory] = before[at];
      await until(() => descriptorsOf(pid) <= descriptors + 1);
      const more = memoryOf(pid) - memory;
      assert.ok(more < 100 << 20, `process ${at} has ${more >> 20} MB more`);
    }
  });

  await pool.shutdown();
}
