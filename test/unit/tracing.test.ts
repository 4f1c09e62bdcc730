import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { constants } from 'node:buffer';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { readTrace } from '../../lib/cli/report/read_trace.js';
import { ClockOffset } from '../../lib/tracing/clock_offset.js';
import { PoolTracer, type TracedTask } from '../../lib/tracing/pool_tracer.js';
import { SpanTable } from '../../lib/tracing/spans.js';
import { Trace } from '../../lib/tracing/trace.js';
import { faultsOf } from '../support/trace_rules.mjs';

describe('the clock of a worker', () => {
  test('is aligned by the shortest round trip', () => {
    const clock = new ClockOffset();
    expect(clock.isKnown).toBe(false);
    clock.measured(100, 5052, 110); // 10 there and back: 105 here is 5052 there, to within 5
    expect(clock.toMaster(5052)).toBe(105);
    clock.measured(200, 5190, 300); // the worker was busy
    expect(clock.toMaster(5052)).toBe(105);
    clock.measured(400, 5350, 402);
    expect(clock.toMaster(5350)).toBe(401);
    expect(clock.uncertainty(402)).toBe(1);
  });

  test('is measured again when clocks may have drifted apart', () => {
    const clock = new ClockOffset();
    clock.measured(0, 1000, 0.1);
    clock.measured(1e6, 1_001_040, 1e6 + 2); // a thousand seconds later a millisecond is good
    expect(clock.toMaster(1_001_040)).toBe(1e6 + 1);
    expect(clock.uncertainty(1e6 + 2)).toBe(1);
  });

  test('is not set by an answer that came before its question', () => {
    const clock = new ClockOffset();
    clock.measured(10, 0, 5);
    clock.measured(10, NaN, NaN);
    expect(clock.isKnown).toBe(false);
  });
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const partsOf = (table: SpanTable) =>
  Array.from(table.spans(), ({ state, start, duration, partial }) => [state, start, duration, partial] as const); // prettier-ignore
const spansOf = (table: SpanTable) =>
  Array.from(table.spans(), ({ state, start, duration, name }) => [state, start, duration, name] as const); // prettier-ignore

describe('the time of a worker', () => {
  const now = jest.spyOn(performance, 'now');
  afterAll(() => now.mockRestore());

  const call = (name: string): TracedTask => {
    const keeps = { [name]: () => undefined }[name]!;
    return { kind: name.charCodeAt(0), calls: 1, keeps };
  };

  /** A worker whose clock shows 1000 more, and whose tasks are named. */
  function traced() {
    now.mockReturnValue(0);
    const tracer = new PoolTracer();
    const table = new SpanTable();
    const told: boolean[] = [];
    const tasks: TracedTask[] = [];
    tracer.joined(0, {
      tasks: () => tasks,
      rank: 0,
      host: 'here',
      pid: 1,
      trace: (on) => told.push(on),
      askForTime: (sent) => {
        if (sent === 0) tracer.time(0, 0, 1000);
      },
    });
    tracer.add(table);
    const run = (
      name: string,
      times: [submitted: number, sent: number, start: number, end: number],
    ) => {
      const task = call(name);
      const [submitted, sent, start, end] = times;
      tracer.sent(task, submitted, sent);
      tracer.answered(0, task, 1000 + start, end - start, end + 1);
    };
    return { tracer, table, told, tasks, run };
  }

  /** One with a task of which nothing is known but that it was sent; it is 50 now. */
  function busy() {
    const worker = traced();
    const task = call('long');
    worker.tasks.push(task);
    worker.tracer.sent(task, 10, 12);
    now.mockReturnValue(50);
    return { ...worker, task };
  }
  const asFarAsItHasCome = [
    ['idle', 0, 10, false],
    ['waiting', 10, 2, false],
    ['run', 12, 38, true],
  ];

  test('is idle, waiting, on the way and running, without gaps', () => {
    const { tracer, table, told, run } = traced();
    run('a', [10, 12, 15, 20]);
    run('b', [11, 13, 20, 30]); // it was there when a ended
    run('c', [25, 33, 34, 40]); // it waited in the program
    now.mockReturnValue(50);
    tracer.remove(table);
    expect(spansOf(table)).toEqual([
      ['idle', 0, 10, ''],
      ['waiting', 10, 2, ''],
      ['transfer', 12, 3, ''],
      ['run', 15, 5, 'a'],
      ['run', 20, 10, 'b'],
      ['waiting', 30, 3, ''],
      ['transfer', 33, 1, ''],
      ['run', 34, 6, 'c'],
      ['idle', 40, 10, ''],
    ]);
    expect(told).toEqual([true, false]);
    expect(table.rows).toEqual([expect.objectContaining({ worker: 0, rank: 0, host: 'here', pid: 1 })]); // prettier-ignore
  });

  test('no task begins before it was sent, or ends after its answer', () => {
    const { table, run } = traced();
    run('early', [1, 5, 2, 6]);
    run('late', [1, 6, 100, 107]);
    const runs = spansOf(table).filter(([state]) => state === 'run');
    expect(runs).toEqual([
      ['run', 5, 4, 'early'],
      ['run', 100, 7, 'late'],
    ]);
  });

  test('collections of garbage are inside of what the worker did', () => {
    const { tracer, table, run } = traced();
    run('a', [1, 1, 2, 10]);
    tracer.collected(0, [
      [1004, 1],
      [1009, 5], // it cannot go on after the end of the task
      [1012, 2], // in a task that has not been answered
    ]);
    run('b', [1, 1, 11, 20]);
    expect(spansOf(table).filter(([state]) => state === 'collector')).toEqual([
      ['collector', 4, 1, ''],
      ['collector', 9, 1, ''],
      ['collector', 12, 2, ''],
    ]);
  });

  test('also where the clock was set between two of them', () => {
    const { tracer, table, run } = traced();
    run('a', [1, 1, 2, 10]);
    tracer.collected(0, [[1004, 2]]);
    tracer.time(0, 0, 1001); // an answer as good as the first one, by which it is 1 earlier
    tracer.collected(0, [[1006, 2]]);
    expect(spansOf(table).filter(([state]) => state === 'collector')).toEqual([
      ['collector', 4, 2, ''],
      ['collector', 6, 1, ''],
    ]);
  });

  test('a worker whose tasks move to another process has the clock of that one', () => {
    const { tracer, table, told } = traced();
    now.mockReturnValue(40);
    tracer.moved(0);
    expect(told).toEqual([true, true]);
    tracer.time(0, 0, 1000); // the first process answers late
    tracer.collected(0, [[1004, 2]]);
    tracer.time(0, 40, 3);
    const task = call('a');
    tracer.sent(task, 40, 41);
    tracer.answered(0, task, 6, 10, 60);
    expect(spansOf(table)).toEqual([
      ['idle', 0, 40, ''],
      ['waiting', 40, 1, ''],
      ['transfer', 41, 2, ''],
      ['run', 43, 10, 'a'],
    ]);
  });

  test('in microseconds, one ends where the next one begins: viewers drop a span that crosses the end of another', () => {
    const { tracer, run } = traced();
    const trace = new Trace(tracer);
    let end = 0.123456;
    for (let at = 1; at < 200; at++) {
      const start = end + at / 7e5;
      end = start + at / 9e3;
      run('a', [start, start, start, end]);
    }
    const { traceEvents } = trace.toJSON();
    expect(traceEvents.length).toBeGreaterThan(300);
    expect(faultsOf(traceEvents)).toEqual([]);
  });

  test('a task that has not ended is a part of a record that ends, and whole in one that goes on', () => {
    const { tracer, table, tasks, task } = busy();
    const other = new SpanTable();
    now.mockReturnValue(0);
    tracer.add(other);
    now.mockReturnValue(50);
    expect(tracer.present(table)).toEqual([expect.objectContaining({ state: 'run', name: 'long', start: 12, duration: 38, partial: true })]); // prettier-ignore
    tracer.remove(other);
    expect(partsOf(other)).toEqual(asFarAsItHasCome);
    tasks.pop();
    tracer.answered(0, task, 1015, 45, 61);
    expect(partsOf(table)).toEqual([
      ['idle', 0, 10, false],
      ['waiting', 10, 2, false],
      ['transfer', 12, 3, false],
      ['run', 15, 45, false],
    ]);
  });

  test.each([
    ['is lost', 'lost'],
    ['ends with its pool', 'ended'],
  ] as const)('a worker that %s in a task was not idle', (_, end) => {
    const { tracer, table } = busy();
    tracer[end](0);
    now.mockReturnValue(60);
    tracer.remove(table);
    expect(partsOf(table)).toEqual(asFarAsItHasCome);
  });

  test('a task that began before a record is a part of it', () => {
    const { tracer, table, tasks, task, run } = busy();
    tracer.remove(table);
    const later = new SpanTable();
    tracer.add(later);
    now.mockReturnValue(55);
    expect(tracer.present(later)).toEqual([expect.objectContaining({ state: 'run', start: 50, duration: 5, partial: true })]); // prettier-ignore
    tasks.pop();
    tracer.answered(0, task, 0, 45, 61);
    run('next', [62, 63, 64, 70]);
    expect(partsOf(later)).toEqual([
      ['run', 50, 11, true],
      ['idle', 61, 1, false],
      ['waiting', 62, 1, false],
      ['transfer', 63, 1, false],
      ['run', 64, 6, false],
    ]);
  });

  test('also of one that begins while there is another', () => {
    const { tracer, tasks, task } = busy();
    const later = new SpanTable();
    tracer.add(later);
    tasks.pop();
    tracer.answered(0, task, 1015, 45, 61);
    expect(partsOf(later)).toEqual([['run', 50, 10, true]]);
  });

  test('a task whose end nobody tells is forgotten', async () => {
    const { tracer } = traced();
    const sent = (): WeakRef<TracedTask> => {
      const task = call('lost');
      tracer.sent(task, 1, 1);
      return new WeakRef(task);
    };
    const task = sent();
    for (let tries = 0; tries < 20 && task.deref() !== undefined; tries++) {
      await nextTurn();
      collectGarbage();
    }
    expect(task.deref()).toBeUndefined();
  });

  test('collections in a long task are looked for once, when it is answered', () => {
    const { tracer, table, run } = traced();
    const looks = jest.spyOn(Array.prototype, 'findLast');
    for (let each = 0; each < 100; each++) tracer.collected(0, [[1010 + each, 0.5]]);
    run('long', [1, 1, 2, 200]);
    const count = looks.mock.calls.length;
    looks.mockRestore();
    expect(count).toBe(100);
    expect(spansOf(table).filter(([state]) => state === 'collector')).toHaveLength(100);
  });

  test('a trace that is longer than a string can be is written, and read', async () => {
    const { tracer, run } = traced();
    const folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'));
    const file = path.join(folder, 'large.json');
    try {
      const trace = new Trace(tracer);
      const name = 'f'.repeat(1 << 20);
      const count = Math.ceil(constants.MAX_STRING_LENGTH / name.length) + 1;
      for (let at = 1; at <= count; at++) run(name, [at, at, at, at + 1]);
      await trace.write(file);
      expect(statSync(file).size).toBeGreaterThan(constants.MAX_STRING_LENGTH);
      const [worker] = readTrace(file);
      expect(worker!.spans.filter(({ state }) => state === 'run')).toHaveLength(count);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a tracer that nobody listens to keeps nothing', () => {
    const { tracer, table, run } = traced();
    tracer.remove(table);
    const { length } = table;
    expect(tracer.isOn).toBe(false);
    run('a', [1, 1, 2, 10]);
    expect(table.length).toBe(length);
  });
});

test('a table keeps many spans', () => {
  const table = new SpanTable();
  const span = { pool: 1, worker: 2, state: 'run', duration: 0.5, name: 'f', waited: 1, transfer: 2, calls: 3 } as const; // prettier-ignore
  for (let start = 0; start < 1000; start++) table.span({ ...span, start, partial: start === 999 });
  expect(table.length).toBe(1000);
  expect([...table.spans()].slice(998)).toEqual([
    { ...span, start: 998, partial: false },
    { ...span, start: 999, partial: true },
  ]);
});
