import { ClockOffset } from '../../lib/tracing/clock_offset.js';
import { PoolTracer, type TracedTask } from '../../lib/tracing/pool_tracer.js';
import { SpanTable } from '../../lib/tracing/spans.js';

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

const spansOf = (table: SpanTable) =>
  Array.from(table.spans(), ({ state, start, duration, name }) => [state, start, duration, name] as const); // prettier-ignore

describe('the time of a worker', () => {
  const now = jest.spyOn(performance, 'now');
  afterAll(() => now.mockRestore());

  /** A worker whose clock shows 1000 more, and whose tasks are named. */
  function traced() {
    now.mockReturnValue(0);
    const tracer = new PoolTracer();
    const table = new SpanTable();
    const told: boolean[] = [];
    tracer.joined(0, {
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
      const keeps = { [name]: () => undefined }[name]!;
      const task: TracedTask = { kind: name.charCodeAt(0), keeps };
      const [submitted, sent, start, end] = times;
      tracer.sent(task, submitted, sent);
      tracer.answered(0, task, 1000 + start, end - start, end + 1);
    };
    return { tracer, table, told, run };
  }

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
  const span = { pool: 1, worker: 2, state: 'run', duration: 0.5, name: 'f', waited: 1, transfer: 2 } as const; // prettier-ignore
  for (let start = 0; start < 1000; start++) table.span({ ...span, start });
  expect(table.length).toBe(1000);
  expect([...table.spans()][999]).toEqual({ ...span, start: 999 });
});
