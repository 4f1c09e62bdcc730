/** What shows long work: the progress of maps, and the trace of a pool. Argument: a folder. */

import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isMain } from 'mpi-futures';
import { faultsOf } from '../support/trace_rules.mjs';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import * as tasks from './tasks.mjs';

const [, , folder] = process.argv;

/** Leaves memory to collect. */
export function allocate(count) {
  let kept = [];
  for (let i = 0; i < count; i++) {
    kept.push({ i });
    if (kept.length > 1000) kept = [];
  }
  return kept.length;
}

export async function untilOver(begun, over) {
  writeFileSync(begun, '');
  await tasks.passed(over);
}

/** The spans of each worker, in microseconds, in the order of their beginnings. */
function spansByWorker({ traceEvents }) {
  const spans = traceEvents.filter(({ ph }) => ph === 'X');
  const rows = {};
  for (const span of spans) (rows[span.tid] ??= []).push(span);
  return Object.values(rows).map((row) => row.sort((one, other) => one.ts - other.ts));
}

function* twos() {
  for (;;) yield 2;
}

if (isMain) {
  const events = {};
  for (const name of ['spawn:start', 'spawn:end', 'worker:join', 'worker:lost', 'task:end'])
    subscribe(`mpi-futures:${name}`, (message) => (events[name] ??= []).push(message));
  const pool = await new PoolExecutor().bootup();

  await check('node:diagnostics_channel has events of workers and tasks', async () => {
    await pool.submit(tasks.busy, 3);
    await pool.submit(tasks.throwTypeError, 'on purpose').catch(() => undefined);
    const [first, second] = events['task:end'];
    assert.ok(first.runTime >= 2.9 && first.transferTime >= 0 && first.pid > 0, JSON.stringify(first)); // prettier-ignore
    assert.deepEqual([first.failed, second.failed], [false, true]);
    // Ranks of a launcher have started before the program; its listeners came later.
    if (events['worker:join'] !== undefined) {
      assert.ok(events['worker:join'].some(({ rank, host }) => rank === first.rank && host === first.host)); // prettier-ignore
    }
    assert.equal(events['worker:lost'], undefined);
  });

  await check('stats() has what each worker has done', async () => {
    await Promise.all(Array.from({ length: 20 }, () => pool.submit(tasks.busy, 2)));
    const { workers, runTime, done, failed } = pool.stats();
    assert.equal(workers.length, pool.numWorkers);
    const sum = (key) => workers.reduce((total, each) => total + each[key], 0);
    assert.equal(sum('tasks'), done + failed);
    assert.ok(Math.abs(sum('runTime') - runTime.mean * runTime.count) < 1);
    for (const { rank, host, pid } of workers)
      assert.ok(rank >= 0 && host === hostname() && pid > 0);
  });

  await check('a map tells how far it has come', async () => {
    const heard = [];
    const values = await pool.map(tasks.identity, Array(1000).fill(1), { progress: (each) => heard.push(each) }).toArray(); // prettier-ignore
    assert.equal(values.length, 1000);
    for (const [index, { done, total, label, rate }] of heard.entries()) {
      assert.deepEqual([total, label], [1000, 'identity']);
      assert.ok(done >= (heard[index - 1]?.done ?? 0) && rate >= 0);
    }
    const { done, ended, timeLeft } = heard.at(-1);
    assert.deepEqual([done, ended, timeLeft], [1000, true, 0]);
    assert.equal(heard.filter(({ ended: isLast }) => isLast).length, 1);
  });

  await check('also one of chunks, of an endless source, and one that fails', async () => {
    const last = async (sources, options, use) => {
      const heard = [];
      const results = pool.map(tasks.throwIfOdd, sources, { ...options, progress: (each) => heard.push(each) }); // prettier-ignore
      await use(results).catch(() => undefined);
      const { done, total, ended } = heard.at(-1);
      assert.ok(ended);
      return [done, total];
    };
    const all = (results) => results.toArray();
    assert.deepEqual(await last(Array(100).fill(2), { chunkSize: 7 }, all), [100, 100]);
    assert.deepEqual(await last(new Set([2, 4]).values(), {}, all), [2, 2]);
    const [done, total] = await last(twos(), {}, async (results) => { await results.next(); await results.return(); }); // prettier-ignore
    assert.ok(done >= 1 && total === undefined);
    const [, ofFailed] = await last([1, ...Array(50).fill(2)], {}, all);
    assert.equal(ofFailed, 51);
  });

  await check('one whose source grows while it is mapped has no total meanwhile', async () => {
    const heard = [];
    const source = new Set([0, 2]);
    let results = 0;
    for await (const value of pool.map(tasks.identity, source, {
      bufferSize: 1,
      progress: (each) => heard.push(each),
    })) {
      // prettier-ignore
      if (value < 40) source.add(value + 1).add(value + 2);
      results++;
    }
    assert.equal(results, source.size);
    assert.ok(heard.every(({ done, total }) => total === undefined || done <= total));
    const { done, total, ended } = heard.at(-1);
    assert.deepEqual([done, total, ended], [source.size, source.size, true]);
  });

  await check('a callback of a map has its context, and what it throws is a warning', async () => {
    const context = new AsyncLocalStorage();
    const seen = new Set();
    const warned = new Promise((resolve) => process.once('warning', resolve));
    await context.run('mine', () => pool.map(tasks.identity, [1, 2], { progress: () => { seen.add(context.getStore()); throw new Error('on purpose'); } }).toArray()); // prettier-ignore
    assert.deepEqual([[...seen], (await warned).name], [['mine'], 'ProgressCallbackWarning']);
    assert.throws(() => pool.map(tasks.identity, [1], { progress: 5 }), { name: 'TypeError', message: /progress.*5/s }); // prettier-ignore
  });

  const trace = pool.trace();
  const another = pool.trace();
  const count = 40;
  await Promise.all(Array.from({ length: count }, () => pool.submit(tasks.busy, 5)));
  another.stop();
  await Promise.all([pool.submit(allocate, 2e6), pool.submit(allocate, 2e6)]);
  await pool.submit(tasks.returnSymbol).catch(() => undefined);
  await Promise.all(Array.from({ length: 2 }, () => pool.submit(tasks.sum, new Float64Array(1e5))));

  await check('a trace has a row for each worker, and each task once', () => {
    const { traceEvents } = trace.toJSON();
    const rows = traceEvents.filter(({ name }) => name === 'thread_name');
    assert.equal(rows.length, pool.numWorkers);
    for (const { args } of rows) assert.match(args.name, /^worker \d+ \(process \d+ on .+\)$/);
    const runs = traceEvents.filter(({ cat }) => cat === 'run');
    const names = (name) => runs.filter((run) => run.name === name).length;
    assert.deepEqual([names('busy'), names('allocate'), names('returnSymbol'), names('sum')], [count, 2, 1, 2]); // prettier-ignore
    for (const { name, dur } of runs) assert.ok(name !== 'busy' || dur >= 4990, `${dur}`);
    for (const { args } of runs) assert.ok(args.waited >= 0 && args.transfer >= 0);
  });

  await check('a chunk is one task, with the number of its calls', async () => {
    const part = pool.trace();
    await pool.map(tasks.identity, Array(25).fill(1), { chunkSize: 10 }).toArray();
    part.stop();
    const runs = part.toJSON().traceEvents.filter(({ cat }) => cat === 'run');
    assert.deepEqual(runs.map(({ args }) => args.calls).sort(), [10, 10, 5]);
  });

  await check('a worker that has a task is not idle', async () => {
    const part = pool.trace();
    const [begun, over] = ['begun', 'over'].map((name) => path.join(folder, `${process.pid}.${name}`)); // prettier-ignore
    const running = pool.submit(untilOver, begun, over);
    await setTimeout(5);
    const present = part.toJSON();
    part.stop();
    await tasks.passed(begun);
    await setTimeout(20);
    writeFileSync(over, '');
    await running;
    for (const { traceEvents } of [present, part.toJSON()]) {
      const runs = traceEvents.filter(({ cat }) => cat === 'run');
      assert.deepEqual(runs.map(({ name, args }) => [name, args.partial]), [['untilOver', true]]); // prettier-ignore
    }
    const whole = trace.toJSON().traceEvents.filter(({ cat, name }) => cat === 'run' && name === 'untilOver'); // prettier-ignore
    assert.deepEqual(whole.map(({ dur, args }) => [dur >= 19_000, args.partial]), [[true, undefined]]); // prettier-ignore
  });

  await check('the time of each worker is divided without gaps', () => {
    for (const row of spansByWorker(trace.toJSON())) {
      const parts = row.filter(({ cat }) => cat !== 'collector');
      for (const [index, { ts }] of parts.entries()) {
        const before = parts[index - 1];
        if (before !== undefined) assert.ok(Math.abs(before.ts + before.dur - ts) < 1, JSON.stringify([before, parts[index]])); // prettier-ignore
      }
    }
  });

  await check('the work of the collector is in it, inside of tasks', async () => {
    // It is told of in a later turn of the worker's event loop.
    for (let looks = 0; looks < 100; looks++) {
      if (trace.toJSON().traceEvents.some(({ cat }) => cat === 'collector')) break;
      await pool.submit(tasks.later, 1, 10);
    }
    const { traceEvents } = trace.toJSON();
    assert.ok(traceEvents.some(({ cat }) => cat === 'collector'));
  });

  await check('every event follows the rules of the trace event format', () => {
    assert.deepEqual(faultsOf(trace.toJSON().traceEvents), []);
  });

  await check('a trace that was stopped gets nothing more', () => {
    // A worker may still have had a task of the map that failed: that is a part of one.
    const runs = another.toJSON().traceEvents.filter(({ cat, args }) => cat === 'run' && !args.partial); // prettier-ignore
    assert.ok(runs.every(({ name }) => name === 'busy'));
    assert.equal(runs.length, count);
  });

  await check('a trace is written to a file, also after the end of the pool', async () => {
    await pool.shutdown();
    const file = path.join(folder, `${process.pid}.json`);
    await trace.write(file);
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(JSON.stringify(trace)));
    await assert.rejects(trace.write(path.join(folder, 'none', 'x.json')), { code: 'ENOENT' });
    assert.throws(() => pool.trace(), { code: 'ERR_EXECUTOR_SHUTDOWN' });
  });
}
