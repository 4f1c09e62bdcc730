/** The file of MPI_FUTURES_TRACE: when it is written, and which name it has. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { PoolTracer } from '../../lib/tracing/pool_tracer.js';
import { traceToFile, traceVariable } from '../../lib/tracing/trace_file.js';
import { lastEvent, openTrace } from '../../lib/tracing/trace_name.js';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'));
  file = path.join(folder, 'run.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('it has what has ended a while ago, also if nothing more happens', async () => {
  const tracer = new PoolTracer();
  const noop = (): void => undefined;
  tracer.joined(0, { rank: 0, host: 'h', pid: 1, tasks: () => [], trace: noop, askForTime: noop });
  process.env[traceVariable] = file;
  try {
    traceToFile(tracer);
  } finally {
    Reflect.deleteProperty(process.env, traceVariable);
  }
  const task = { kind: 1, calls: 1, keeps: () => undefined };
  const now = performance.now();
  tracer.sent(task, now, now);
  tracer.answered(0, task, now, 5, now + 5);
  const deadline = now + 60_000;
  while (!readFileSync(file, 'utf8').includes('"cat":"run"') && performance.now() < deadline)
    await sleep(50);
  expect(readFileSync(file, 'utf8')).toContain('"cat":"run"');
});

describe('its name', () => {
  const own = () => path.join(folder, `run.${process.pid}.json`);
  const open = (): void => {
    closeSync(openTrace(file));
  };
  const headOf = (writer: object): string =>
    `[\n${JSON.stringify({ name: 'writer', ph: 'M', pid: 0, tid: 0, args: writer })},\n`;
  const live = { host: hostname(), process: process.ppid, thread: 0 };
  const dead = { ...live, process: spawnSync(process.execPath, ['--version']).pid };

  /** True if a file with this content is replaced; false if the new one has another name. */
  const isReplaced = (content: string, modified = new Date()): boolean => {
    writeFileSync(file, content);
    utimesSync(file, modified, modified);
    open();
    const isOwn = existsSync(own());
    expect(readFileSync(file, 'utf8') === content).toBe(isOwn);
    expect(existsSync(`${file}.lock`)).toBe(false);
    return !isOwn;
  };

  test('is that of the variable', () => {
    open();
    expect(JSON.parse(`${readFileSync(file, 'utf8')}${lastEvent}`)).toEqual([
      expect.objectContaining({ args: { host: hostname(), process: process.pid, thread: threadId } }), // prettier-ignore
      expect.objectContaining({ name: 'end' }),
    ]);
  });

  test.each([
    ['a process that is there', live, '', false],
    ['one that is there, but has ended its trace', live, lastEvent, true],
    ['one that is gone', dead, '{"name":"a"', true],
    ['this thread, before: there is no other with its numbers', { ...live, process: process.pid, thread: threadId }, 'more', true], // prettier-ignore
    ['another thread of this process', { ...live, process: process.pid, thread: 99 }, '', false],
    ['another host, a moment ago', { ...live, host: 'another' }, '', false],
  ])('is free or not after %s', (_, writer, rest, expected) => {
    expect(isReplaced(headOf(writer) + rest)).toBe(expected);
  });

  test('is free after another host that has long been silent, and where there is no trace', () => {
    const long = new Date(Date.now() - 3_600_000);
    expect(isReplaced(headOf({ ...live, host: 'another' }), long)).toBe(true);
    for (const content of [
      '',
      'text',
      '[\n',
      '[\n{"name":',
      '[\nnull,\n',
      '[\n{"name":"writer"},\n',
    ])
      expect(isReplaced(content)).toBe(true);
  });

  test('is that of the one that looks first; a lock that was left behind does not count', () => {
    writeFileSync(`${file}.lock`, '');
    open();
    expect([existsSync(file), existsSync(own())]).toEqual([false, true]);
    const long = new Date(Date.now() - 3_600_000);
    utimesSync(`${file}.lock`, long, long);
    open();
    expect([existsSync(file), existsSync(`${file}.lock`)]).toEqual([true, false]);
  });
});
