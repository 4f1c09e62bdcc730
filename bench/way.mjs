// Lists the files of lib/ through which a task passes on the master, from submit to the settled future, and the bytes allocated
// for it: the figures of docs/design/architecture.md, "A task's way".
//
//     mpiexec -n 1 node --expose-gc bench/way.mjs

import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

import { PoolExecutor, isMain } from '../dist/entry/index.js';

const tasks = 5000;

/** @param {number} x */
function nothing(x) {
  void x;
}

if (isMain) await measure();

async function measure() {
  const pool = new PoolExecutor(1);
  const submit = (/** @type {number} */ x) => pool.submit(nothing, x);
  for (let round = 0; round < 3; round++) await Promise.all(range(tasks).map(submit));
  const session = new Session();
  session.connect();

  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true });
  const perTask = await filesOf(session, async () => {
    await Promise.all(range(tasks).map(submit));
  });
  const perMessage = await filesOf(session, async () => {
    for (let x = 0; x < tasks; x++) await submit(x);
  });
  await session.post('Profiler.stopPreciseCoverage');
  const others = perMessage.filter((file) => !perTask.includes(file));
  print(`${perTask.length} files for each task`, perTask);
  print(`${others.length} more for each message`, others);

  globalThis.gc?.();
  const futures = new Array(tasks);
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: 256,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  for (let x = 0; x < tasks; x++) futures[x] = submit(x);
  await futures.at(-1);
  const { profile } = await session.post('HeapProfiler.stopSampling');
  /** @type {Map<string, number>} */
  const bytes = new Map();
  add(bytes, profile.head, 'others');
  const rows = [...bytes].sort(([, a], [, b]) => b - a);
  const sum = rows.reduce((total, [, size]) => total + size, 0);
  print(
    `${Math.round(sum / tasks)} bytes for each task`,
    rows.map(([where, size]) => `${Math.round(size / tasks)} ${where}`).slice(0, 25),
  );
  await pool.shutdown();
}

/**
 * Those of lib/ in which some function is called at least once for each task.
 * @param {Session} session
 * @param {() => Promise<void>} run
 */
async function filesOf(session, run) {
  await session.post('Profiler.takePreciseCoverage'); // resets the counts
  await run();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  /** @type {Set<string>} */
  const found = new Set();
  for (const { url, functions } of result) {
    if (!url.includes('/dist/')) continue;
    const file = fileURLToPath(url);
    const lines = readFileSync(file, 'utf8').split('\n');
    const map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
    for (const { ranges } of functions) {
      const { startOffset = 0, count = 0 } = ranges[0] ?? {};
      if (count < tasks) continue;
      let [line, column] = [0, startOffset];
      while (column > (lines[line]?.length ?? Infinity)) column -= (lines[line++]?.length ?? 0) + 1;
      const entry = map.findEntry(line, column);
      if ('originalSource' in entry) found.add(entry.originalSource.replace(/^.*\/lib\//, ''));
    }
  }
  return [...found].sort();
}

/**
 * Adds up what each function of this package has allocated itself; what it calls of Node.js and V8 counts as its own.
 * @param {Map<string, number>} bytes
 * @param {import('node:inspector').HeapProfiler.SamplingHeapProfileNode} node
 * @param {string} caller
 */
function add(bytes, { callFrame, selfSize, children }, caller) {
  const { url, functionName } = callFrame;
  const where = url.includes('/dist/') ? functionName || 'a closure' : caller;
  bytes.set(where, (bytes.get(where) ?? 0) + selfSize);
  for (const child of children) add(bytes, child, where);
}

/** @param {number} count */
function range(count) {
  return Array.from({ length: count }, (_, x) => x);
}

/**
 * @param {string} title
 * @param {string[]} lines
 */
function print(title, lines) {
  console.log(`${title}:\n${lines.map((line) => `    ${line}\n`).join('')}`);
}
