/**
 * The direct way between this process and those in which the tasks of isolated workers run, and the ends of the latter while
 * something is on it. Argument: `direct`, or `by the worker` where there is to be no such way.
 */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { PoolExecutor, isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { soon } from './dying.mjs';
import { assertNoMoreThan, nativeCounts } from './native_counts.mjs';
import * as tasks from './tasks.mjs';

const big = 64 << 20;
/** Milliseconds for a process to end. */
const longest = 60_000;

const place = () => [process.pid, process.ppid];

/** The files of memory that a process shares, those as large as rings. */
function ringsOf(pid) {
  const maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
  const files = [...maps.matchAll(/^(\w+)-(\w+) .* (\d+) +\/memfd:mpi-futures-shared/gm)];
  return files
    .filter(([, from, to]) => parseInt(to, 16) - parseInt(from, 16) > 1 << 19)
    .map(([, , , inode]) => inode);
}

/** How often the JavaScript thread of a process has waited. */
const waitsOf = (pid) =>
  Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

function isThere(pid) {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Its process ends right after the result was sent. */
function lastResult(size) {
  setImmediate(() => process.kill(process.pid, 'SIGKILL'));
  return new Uint8Array(size).fill(7);
}

const isRight = (bytes, size) => Buffer.alloc(size, 7).equals(bytes);

/** As the kernel lets processes of one job read each other's memory: Yama may allow it to none. */
function mayRead() {
  const scope = '/proc/sys/kernel/yama/ptrace_scope';
  const isFree = !existsSync(scope) || Number(readFileSync(scope, 'utf8')) <= 1;
  const [, capabilities] = /^CapEff:\s+(\w+)/m.exec(readFileSync('/proc/self/status', 'utf8'));
  const capSysPtrace = 19n;
  return isFree || ((BigInt(`0x${capabilities}`) >> capSysPtrace) & 1n) === 1n;
}

if (isMain) {
  const isDirect = process.argv[2] === 'direct' && mayRead();
  const pool = await new PoolExecutor({ isolate: true, maxWorkers: 2 }).bootup();
  const careful = pool.with({ retries: 3 });
  const workers = pool.numWorkers;

  /** Of each worker: the process of its tasks, and its own. */
  const places = async () => {
    const found = new Map();
    while (found.size < workers)
      for (const [pid, parent] of await Promise.all(Array.from({ length: 8 }, () => pool.submit(place))))
        found.set(parent, pid); // prettier-ignore
    return [...found].map(([worker, sandbox]) => ({ worker, sandbox }));
  };
  const before = [await places(), nativeCounts(), readdirSync('/dev/fd').length];

  await check('the two share rings, where they can', async () => {
    const own = ringsOf(process.pid);
    for (const { sandbox } of before[0])
      assert.equal(
        ringsOf(sandbox).some((ring) => own.includes(ring)),
        isDirect,
      );
  });

  await check('then the worker between them sleeps', async () => {
    const waits = () => before[0].reduce((sum, { worker }) => sum + waitsOf(worker), 0);
    const waited = waits();
    for (let i = 0; i < 400; i++) assert.equal(await pool.submit(tasks.add, i, 1), i + 1);
    assert.equal(waits() - waited < 100, isDirect);
  });

  await check('more buffers in one argument than one packet can name', async () => {
    const value = Array.from({ length: 33_000 }, (_, i) => new Uint8Array(2048).fill(i));
    const back = await pool.submit(tasks.identity, value);
    assert.equal(back.length, value.length);
    assert.ok(back.every((bytes, i) => bytes.length === 2048 && bytes[0] === i % 256));
  });

  /** What was sent arrives though its process has ended, and though this one was busy meanwhile. */
  const endsBusily = async (size) => {
    for (let round = 0; round < 3; round++) {
      const sandboxes = (await places()).map(({ sandbox }) => sandbox);
      const result = pool.submit(lastResult, size);
      await new Promise(setImmediate); // it is sent
      for (const end = Date.now() + longest; sandboxes.every(isThere) && Date.now() < end;);
      assert.ok(isRight(await result, size));
    }
  };
  await check('a process has sent a few bytes and ended while this one was busy: they arrive', () =>
    endsBusily(8),
  );
  await check('a process has sent 64 MB and ended while this one was busy: they arrive', () =>
    endsBusily(big),
  );

  await check('processes that are killed at any moment of 64 MB to them and back: the tasks run again', async () => {
    const sent = new Uint8Array(big).fill(7);
    for (const moment of [0, 5, 15, 30, 60]) {
      const victims = await places();
      const results = [careful.submit(tasks.identity, sent), careful.submit(tasks.identity, sent)];
      setTimeout(() => {
        for (const { sandbox } of victims) process.kill(sandbox, 'SIGKILL');
      }, moment);
      for (const result of results) assert.ok(isRight(await result, big));
      // The task may have ended before.
      for (const { sandbox } of victims) while (isThere(sandbox)) await new Promise(setImmediate);
    }
  }); // prettier-ignore

  await check('of those that have ended nothing is left here', async () => {
    await places();
    const [, counts, descriptors] = before;
    await assertNoMoreThan(counts);
    const areFew = () => readdirSync('/dev/fd').length <= descriptors + 2;
    await soon(areFew);
    assert.ok(areFew());
  });
  await pool.shutdown();
}
