import { InvalidStateError } from '../../lib/errors.js';
import { Scheduler, type SchedulerOptions } from '../../lib/scheduling/scheduler.js';
import { SimulatedTask } from './simulated_cluster.js';

interface Message {
  worker: number;
  tasks: readonly SimulatedTask[];
}

/** A scheduler with workers that do nothing until they are told to. */
function start(
  workers: number,
  options: Partial<SchedulerOptions<SimulatedTask>> = {},
): { scheduler: Scheduler<SimulatedTask>; sent: Message[] } {
  const sent: Message[] = [];
  const scheduler = new Scheduler<SimulatedTask>({
    dispatch: (worker, tasks) => sent.push({ worker, tasks }),
    ...options,
  });
  for (let worker = 0; worker < workers; worker++) scheduler.addWorker();
  return { scheduler, sent };
}

function tasks(count: number, options?: { kind?: number; size?: number }): SimulatedTask[] {
  return Array.from({ length: count }, () => new SimulatedTask(1, options));
}

/** Lets the scheduler learn that tasks of kind 0 take `runTime` milliseconds. */
function teach(scheduler: Scheduler<SimulatedTask>, runTime: number): void {
  const queue = scheduler.createQueue();
  for (const task of tasks(1000)) {
    queue.push(task);
    scheduler.dispatchAll();
    scheduler.completed(task, runTime);
  }
}

function startTaught(
  workers: number,
  options: Partial<SchedulerOptions<SimulatedTask>> & { runTime?: number } = {},
): ReturnType<typeof start> {
  const { runTime = 0.001, ...rest } = options;
  const started = start(workers, rest);
  teach(started.scheduler, runTime);
  started.sent.length = 0;
  return started;
}

const sizes = (sent: readonly Message[]): number[] => sent.map(({ tasks }) => tasks.length);
const workersOf = (sent: readonly Message[]): number[] => sent.map(({ worker }) => worker);

describe('workers', () => {
  test('are numbered 0, 1, 2 …; one that replaces another has the number of that one', () => {
    const { scheduler, sent } = start(0);
    expect([scheduler.addWorker(), scheduler.addWorker()]).toEqual([0, 1]);
    scheduler.removeWorker(1);
    expect(scheduler.addWorker()).toBe(2);
    expect(scheduler.addWorker(false, Infinity, 1)).toBe(1);
    expect(scheduler.workers).toBe(3);
    const queue = scheduler.createQueue();
    for (const task of tasks(3)) queue.push(task);
    scheduler.dispatchAll();
    expect(workersOf(sent).sort()).toEqual([0, 1, 2]);
  });

  test('get no more tasks than their quota, and are spent when they have done them', () => {
    const spent: number[] = [];
    const { scheduler, sent } = start(0, { spent: (worker) => spent.push(worker) });
    scheduler.addWorker();
    teach(scheduler, 0.001);
    scheduler.removeWorker(0);
    sent.length = 0;
    const first = scheduler.addWorker(true, 5);
    const queue = scheduler.createQueue();
    for (const task of tasks(8)) queue.push(task);
    scheduler.dispatchAll();
    const given = sent.flatMap(({ tasks }) => tasks);
    expect(given).toHaveLength(5);
    // One that comes back does not count.
    scheduler.calledBack(given.pop()!);
    scheduler.dispatchAll();
    expect(sent.at(-1)!.tasks).toHaveLength(1);
    given.push(sent.at(-1)!.tasks[0]!);
    for (const task of given) {
      expect(spent).toEqual([]);
      scheduler.completed(task, 0.001);
      scheduler.dispatchAll();
    }
    expect(spent).toEqual([first]);
    expect([scheduler.queued, scheduler.outstanding]).toEqual([3, 0]);
    scheduler.removeWorker(first);
    scheduler.addWorker(true, 5, first);
    scheduler.dispatchAll();
    expect(scheduler.outstanding).toBe(3);
  });

  test('that are retired keep what they have begun, and get nothing more', () => {
    const spent: number[] = [];
    const { scheduler, sent } = start(0, {
      spent: (worker) => spent.push(worker),
      callBack: () => true,
    });
    scheduler.addWorker(true);
    teach(scheduler, 0.001);
    sent.length = 0;
    const queue = scheduler.createQueue();
    for (const task of tasks(8)) queue.push(task);
    scheduler.dispatchAll();
    const [begun] = sent[0]!.tasks;
    scheduler.retire(0);
    scheduler.retire(0);
    scheduler.dispatchAll();
    expect([scheduler.queued, scheduler.outstanding]).toEqual([7, 1]);
    expect(spent).toEqual([]);
    scheduler.completed(begun!, 0.001);
    expect(spent).toEqual([0]);
    scheduler.dispatchAll();
    expect(sent).toHaveLength(1);
  });

  test('that were removed get nothing', () => {
    const { scheduler, sent } = start(2);
    scheduler.removeWorker(0);
    scheduler.removeWorker(0);
    const queue = scheduler.createQueue();
    for (const task of tasks(2)) queue.push(task);
    scheduler.dispatchAll();
    expect(workersOf(sent)).toEqual([1]);
    expect(scheduler.workers).toBe(1);
  });

  test('get tasks that waited when there was none', () => {
    const { scheduler, sent } = start(0);
    const queue = scheduler.createQueue();
    queue.push(new SimulatedTask(1));
    scheduler.dispatchAll();
    expect(sent).toEqual([]);
    scheduler.addWorker();
    scheduler.dispatchAll();
    expect(sizes(sent)).toEqual([1]);
  });

  test('that were busy last are the first to get a task', () => {
    const { scheduler, sent } = start(3);
    const queue = scheduler.createQueue();
    const all = tasks(3);
    for (const task of all) queue.push(task);
    scheduler.dispatchAll();
    for (const { tasks } of [sent[2]!, sent[0]!, sent[1]!]) scheduler.completed(tasks[0]!, 50);
    const last = sent[1]!.worker;
    queue.push(new SimulatedTask(1));
    scheduler.dispatchAll();
    expect(sent.at(-1)!.worker).toBe(last);
  });
});

describe('tasks of an unknown or long kind', () => {
  test('go alone, to idle workers only', () => {
    const { scheduler, sent } = start(2);
    const queue = scheduler.createQueue();
    for (const task of tasks(5)) queue.push(task);
    scheduler.dispatchAll();
    expect(sizes(sent)).toEqual([1, 1]);
    expect(new Set(workersOf(sent)).size).toBe(2);
    expect([scheduler.queued, scheduler.outstanding]).toEqual([3, 2]);
  });

  test('stay alone when they have proved to be long', () => {
    const { scheduler, sent } = startTaught(1, { runTime: 50 });
    const queue = scheduler.createQueue();
    for (const task of tasks(3)) queue.push(task);
    scheduler.dispatchAll();
    expect(sizes(sent)).toEqual([1]);
    scheduler.completed(sent[0]!.tasks[0]!, 50);
    scheduler.dispatchAll();
    expect(sizes(sent)).toEqual([1, 1]);
  });

  test('have no short task sent after them', () => {
    const { scheduler, sent } = startTaught(1);
    const queue = scheduler.createQueue();
    queue.push(new SimulatedTask(1, { kind: 9 }));
    for (const task of tasks(3)) queue.push(task);
    scheduler.dispatchAll();
    expect(sizes(sent)).toEqual([1]);
  });

  test('wait for a worker to be idle, with no short task overtaking them', () => {
    const { scheduler, sent } = startTaught(1, { aheadCount: 100, batchCount: 100 });
    const short = scheduler.createQueue();
    const long = scheduler.createQueue();
    for (const task of tasks(500)) short.push(task);
    scheduler.dispatchAll();
    const [task] = tasks(1, { kind: 9 });
    long.push(task!);
    for (const ahead of sent[0]!.tasks) {
      scheduler.dispatchAll();
      expect(sent).toHaveLength(1);
      scheduler.completed(ahead, 0.001);
    }
    scheduler.dispatchAll();
    expect(sent[1]!.tasks).toEqual([task]);
  });
});

describe('tasks that are to be alone', () => {
  const alone = (): SimulatedTask => new SimulatedTask(1, { alone: true });

  test('go to idle workers only, with nothing after them, however short their kind', () => {
    const { scheduler, sent } = startTaught(2);
    const queue = scheduler.createQueue();
    for (const task of [alone(), alone(), alone(), ...tasks(3)]) queue.push(task);
    scheduler.dispatchAll();
    expect(sizes(sent)).toEqual([1, 1]);
    expect(new Set(workersOf(sent)).size).toBe(2);
    scheduler.completed(sent[0]!.tasks[0]!, 0.001);
    scheduler.dispatchAll();
    expect(sizes(sent)).toEqual([1, 1, 1]);
    scheduler.completed(sent[1]!.tasks[0]!, 0.001);
    scheduler.dispatchAll();
    expect(sizes(sent)).toEqual([1, 1, 1, 3]);
    expect(workersOf(sent)[3]).toBe(workersOf(sent)[1]);
  });

  test('have not even a task sent after them that takes no time', () => {
    const { scheduler, sent } = startTaught(1, { runTime: 0 });
    const queue = scheduler.createQueue();
    for (const task of [alone(), ...tasks(3)]) queue.push(task);
    scheduler.dispatchAll();
    expect(sizes(sent)).toEqual([1]);
  });

  test('are taken back by release as others are', () => {
    const { scheduler, sent } = startTaught(1);
    const queue = scheduler.createQueue();
    for (const task of [alone(), ...tasks(3)]) queue.push(task);
    scheduler.dispatchAll();
    scheduler.released(sent[0]!.tasks[0]!);
    scheduler.dispatchAll();
    expect(sizes(sent)).toEqual([1, 3]);
    expect(scheduler.outstanding).toBe(3);
  });
});

describe('tasks of a short kind', () => {
  test('travel together', () => {
    const { scheduler, sent } = startTaught(1);
    const queue = scheduler.createQueue();
    const all = tasks(100);
    for (const task of all) queue.push(task);
    scheduler.dispatchAll();
    expect(sent).toEqual([{ worker: 0, tasks: all }]);
  });

  test('are sent ahead no further than aheadTime', () => {
    const { scheduler, sent } = startTaught(1, { runTime: 1, aheadTime: 10 });
    const queue = scheduler.createQueue();
    for (const task of tasks(100)) queue.push(task);
    scheduler.dispatchAll();
    expect(scheduler.outstanding).toBe(10);
    expect(sent).toHaveLength(1);
  });

  test('are sent ahead no further than aheadCount, in messages of batchCount', () => {
    const { scheduler, sent } = startTaught(1, { aheadCount: 50, batchCount: 20 });
    const queue = scheduler.createQueue();
    for (const task of tasks(100)) queue.push(task);
    scheduler.dispatchAll();
    expect(sizes(sent)).toEqual([20, 20]);
    scheduler.dispatchAll();
    expect(scheduler.outstanding).toBe(40);
  });

  test('are shared evenly among all workers that have room', () => {
    const { scheduler, sent } = startTaught(4);
    const queue = scheduler.createQueue();
    for (const task of tasks(10)) queue.push(task);
    scheduler.dispatchAll();
    expect(sizes(sent)).toEqual([3, 3, 2, 2]);
    expect(new Set(workersOf(sent)).size).toBe(4);
  });

  test('go to idle workers first', () => {
    const { scheduler, sent } = startTaught(2);
    const queue = scheduler.createQueue();
    for (const task of tasks(1)) queue.push(task);
    scheduler.dispatchAll();
    for (const task of tasks(1)) queue.push(task);
    scheduler.dispatchAll();
    expect(new Set(workersOf(sent)).size).toBe(2);
  });

  test('go to all busy workers in turn', () => {
    const { scheduler, sent } = startTaught(4);
    const queue = scheduler.createQueue();
    for (let round = 0; round < 3; round++) {
      for (const task of tasks(4)) queue.push(task);
      scheduler.dispatchAll();
      expect(new Set(workersOf(sent.splice(0)))).toEqual(new Set([0, 1, 2, 3]));
    }
  });

  test('are sent again when half of what may be outstanding is done, not one by one', () => {
    const { scheduler, sent } = startTaught(1, { aheadCount: 100, batchCount: 100 });
    const queue = scheduler.createQueue();
    for (const task of tasks(200)) queue.push(task);
    scheduler.dispatchAll();
    for (const task of sent[0]!.tasks) {
      scheduler.completed(task, 0.001);
      scheduler.dispatchAll();
    }
    expect(sizes(sent)).toEqual([100, 50, 50]);
  });

  // mpi4py: a shared pool runs tasks in random order
  test('are sent in the order in which they were pushed', () => {
    const { scheduler, sent } = startTaught(3);
    const queue = scheduler.createQueue();
    const all = tasks(50);
    for (const task of all) queue.push(task);
    scheduler.dispatchAll();
    expect(sent.flatMap(({ tasks }) => tasks)).toEqual(all);
  });
});

describe('a message', () => {
  test('has no more than batchBytes', () => {
    const { scheduler, sent } = startTaught(1, { batchBytes: 1000 });
    const queue = scheduler.createQueue();
    for (const task of tasks(5, { size: 400 })) queue.push(task);
    scheduler.dispatchAll();
    expect(sizes(sent)).toEqual([2, 2, 1]);
  });

  test('has one task if that is larger than batchBytes', () => {
    const { scheduler, sent } = startTaught(1, { batchBytes: 1000 });
    const queue = scheduler.createQueue();
    const [small, large, last] = [...tasks(1), ...tasks(1, { size: 5000 }), ...tasks(1)];
    for (const task of [small!, large!, last!]) queue.push(task);
    scheduler.dispatchAll();
    expect(sent.map(({ tasks }) => tasks)).toEqual([[small], [large], [last]]);
  });
});

describe('what is known of a kind', () => {
  /** Has one worker run tasks one by one, and tells how many are sent to it when there are many. */
  function ahead(runTimes: readonly number[]): number {
    const { scheduler } = start(1);
    const queue = scheduler.createQueue();
    for (const runTime of runTimes) {
      const task = new SimulatedTask(runTime);
      queue.push(task);
      scheduler.dispatchAll();
      scheduler.completed(task, runTime);
    }
    for (const task of tasks(1000)) queue.push(task);
    scheduler.dispatchAll();
    return scheduler.outstanding;
  }

  test('grows with every run: what is sent is in proportion to what was seen', () => {
    const short = (count: number): number[] => new Array<number>(count).fill(0.001);
    expect(ahead(short(1))).toBe(2);
    expect(ahead(short(10))).toBe(20);
    expect(ahead(short(1000))).toBe(256);
  });

  test('is not spoilt for long by a slow first run', () => {
    const usual = new Array<number>(60).fill(0.01);
    expect(ahead([200, ...usual])).toBeGreaterThan(100);
  });

  test('makes one long run stop all sending ahead', () => {
    const usual = new Array<number>(1000).fill(0.01);
    expect(ahead([...usual, 50])).toBe(1);
  });

  test('has to be learnt again after a long run', () => {
    const usual = new Array<number>(1000).fill(0.01);
    expect(ahead([...usual, 12, ...usual.slice(0, 30)])).toBeLessThanOrEqual(2 * 30 + 1);
  });

  test('does not suffer from tasks that were sent and released', () => {
    const { scheduler } = startTaught(1);
    const queue = scheduler.createQueue();
    for (let round = 0; round < 100; round++) {
      const all = tasks(100);
      for (const task of all) queue.push(task);
      scheduler.dispatchAll();
      expect(scheduler.outstanding).toBe(100);
      for (const task of all) scheduler.released(task);
    }
  });

  test('follows longer run times at once and shorter ones slowly', () => {
    const steady = (time: number): number[] => new Array<number>(1000).fill(time);
    expect(ahead([...steady(1), 5, 5])).toBeLessThan(ahead(steady(1)) / 2);
    expect(ahead([...steady(5), 1, 1])).toBeLessThan(ahead(steady(1)) / 2);
  });

  test('counts also for what is outstanding: a worker whose tasks prove to be long is full', () => {
    const { scheduler, sent } = startTaught(1);
    const first = scheduler.createQueue();
    const second = scheduler.createQueue();
    for (const task of tasks(100)) first.push(task);
    scheduler.dispatchAll();
    scheduler.completed(sent[0]!.tasks[0]!, 9);
    for (let index = 1; index < 60; index++) scheduler.completed(sent[0]!.tasks[index]!, 9);
    second.push(new SimulatedTask(1));
    scheduler.dispatchAll();
    expect(sent).toHaveLength(1);
  });

  test('is kept for no more than the kinds seen last', () => {
    const { scheduler, sent } = startTaught(1);
    const queue = scheduler.createQueue();
    for (let kind = 1; kind <= 10_000; kind++) {
      const task = new SimulatedTask(1, { kind });
      queue.push(task);
      scheduler.dispatchAll();
      scheduler.completed(task, 0.001);
    }
    sent.length = 0;
    for (const task of tasks(10)) queue.push(task);
    scheduler.dispatchAll();
    expect(sizes(sent)).toEqual([1]);
  });
});

describe('a queue', () => {
  test('gives back a task that still waits, from anywhere in it', () => {
    const { scheduler, sent } = startTaught(1);
    const queue = scheduler.createQueue();
    const all = tasks(5);
    for (const task of all) queue.push(task);
    expect([0, 2, 4].map((index) => queue.withdraw(all[index]!))).toEqual([true, true, true]);
    expect([queue.length, scheduler.queued]).toEqual([2, 2]);
    scheduler.dispatchAll();
    expect(sent.flatMap(({ tasks }) => tasks)).toEqual([all[1], all[3]]);
  });

  test('does not give back what is not in it', () => {
    const { scheduler } = start(1);
    const queue = scheduler.createQueue();
    const other = scheduler.createQueue();
    const [dispatched, withdrawn, elsewhere, never] = tasks(4);
    queue.push(dispatched!);
    scheduler.dispatchAll();
    queue.push(withdrawn!);
    queue.withdraw(withdrawn!);
    other.push(elsewhere!);
    for (const task of [dispatched!, withdrawn!, elsewhere!, never!]) {
      expect(queue.withdraw(task)).toBe(false);
    }
    expect([scheduler.queued, scheduler.outstanding]).toEqual([1, 1]);
  });

  test('gives back all in order when it is cleared, and can be used again', () => {
    const { scheduler, sent } = startTaught(1);
    const queue = scheduler.createQueue();
    const all = tasks(3);
    for (const task of all) queue.push(task);
    expect(queue.clear()).toEqual(all);
    expect(queue.length).toBe(0);
    scheduler.dispatchAll();
    expect(sent).toEqual([]);
    queue.push(all[1]!);
    scheduler.dispatchAll();
    expect(sent).toEqual([{ worker: 0, tasks: [all[1]] }]);
  });

  test('takes a requeued task at its front', () => {
    const { scheduler, sent } = startTaught(1);
    const queue = scheduler.createQueue();
    const [lost, waiting] = tasks(2);
    queue.push(lost!);
    scheduler.dispatchAll();
    queue.push(waiting!);
    scheduler.removeWorker(0);
    queue.requeue(lost!);
    scheduler.addWorker();
    scheduler.dispatchAll();
    expect(sent[1]!.tasks).toEqual([lost, waiting]);
  });

  test('that is closed refuses new tasks and still sends those it has', () => {
    const { scheduler, sent } = start(1);
    const queue = scheduler.createQueue();
    const [task, late] = tasks(2);
    queue.push(task!);
    queue.close();
    expect(() => queue.push(late!)).toThrow(InvalidStateError);
    scheduler.dispatchAll();
    expect(sent).toHaveLength(1);
  });
});

describe('counts', () => {
  test('follow a task from queue to end', () => {
    const { scheduler } = start(1);
    const queue = scheduler.createQueue();
    const [task] = tasks(1);
    const seen: number[][] = [];
    const look = (): void => void seen.push([scheduler.queued, scheduler.outstanding]);
    queue.push(task!);
    look();
    scheduler.dispatchAll();
    look();
    expect(task!.worker).toBe(0);
    scheduler.completed(task!, 1);
    look();
    expect(task!.worker).toBe(-1);
    expect(seen).toEqual([
      [1, 0],
      [0, 1],
      [0, 0],
    ]);
  });

  test('do not change when the same end is reported twice', () => {
    const { scheduler } = start(2);
    const queue = scheduler.createQueue();
    const [one, other] = tasks(2);
    for (const task of [one!, other!]) queue.push(task);
    scheduler.dispatchAll();
    scheduler.completed(one!, 1);
    scheduler.completed(one!, 1);
    scheduler.released(one!);
    expect(scheduler.outstanding).toBe(1);
  });

  test('lose the tasks of a removed worker, whose ends then count for nothing', () => {
    const { scheduler } = startTaught(1);
    const queue = scheduler.createQueue();
    const all = tasks(5);
    for (const task of all) queue.push(task);
    scheduler.dispatchAll();
    scheduler.removeWorker(0);
    expect(scheduler.outstanding).toBe(0);
    scheduler.completed(all[0]!, 1);
    scheduler.released(all[1]!);
    expect(scheduler.outstanding).toBe(0);
  });

  test('a released task makes room and teaches nothing', () => {
    const { scheduler, sent } = start(1);
    const queue = scheduler.createQueue();
    const all = tasks(3);
    for (const task of all) queue.push(task);
    scheduler.dispatchAll();
    scheduler.released(all[0]!);
    scheduler.dispatchAll();
    expect(sizes(sent)).toEqual([1, 1]);
  });
});

describe('large tasks', () => {
  const large = 64 << 20;

  test('have one on its way while another runs, and no more', () => {
    const { scheduler, sent } = startTaught(2);
    const queue = scheduler.createQueue();
    for (const task of tasks(10, { size: large })) queue.push(task);
    scheduler.dispatchAll();
    expect(workersOf(sent).sort()).toEqual([0, 0, 1, 1]);
  });

  test('follow as the ones before end', () => {
    const { scheduler, sent } = startTaught(1);
    const queue = scheduler.createQueue();
    for (const task of tasks(3, { size: large })) queue.push(task);
    scheduler.dispatchAll();
    expect(sent).toHaveLength(2);
    scheduler.completed(sent[0]!.tasks[0]!, 0.001);
    scheduler.dispatchAll();
    expect(sent).toHaveLength(3);
  });

  test('fill a worker for other large ones only: small ones pass them', () => {
    const { scheduler, sent } = startTaught(2);
    const queue = scheduler.createQueue();
    for (const task of tasks(4, { size: large })) queue.push(task);
    scheduler.dispatchAll();
    for (const task of tasks(2)) queue.push(task);
    queue.push(new SimulatedTask(1, { size: large }));
    scheduler.dispatchAll();
    expect(sent.slice(4).flatMap(({ tasks }) => tasks.map(({ size }) => size))).toEqual([40, 40]);
    for (const { tasks } of sent.slice(0, 5)) scheduler.completed(tasks[0]!, 0.001);
    scheduler.dispatchAll();
    expect(sent.at(-1)!.tasks[0]!.size).toBe(large);
  });

  test('of middling size are sent ahead up to aheadBytes', () => {
    const { scheduler, sent } = startTaught(1, { aheadBytes: 10_000 });
    const queue = scheduler.createQueue();
    for (const task of tasks(100, { size: 1000 })) queue.push(task);
    scheduler.dispatchAll();
    expect(sizes(sent)).toEqual([10]);
  });
});

describe('tasks that work together', () => {
  test('go to idle workers, and no worker gets its second before all have had their first', () => {
    const { scheduler, sent } = startTaught(3);
    const queue = scheduler.createQueue();
    scheduler.worksTogether(0, []);
    const all = tasks(6);
    for (const task of all) queue.push(task);
    scheduler.dispatchAll();
    expect(new Set(workersOf(sent))).toEqual(new Set([0, 1, 2]));
    expect(sizes(sent)).toEqual([1, 1, 1]);
    const early = sent[0]!;
    sent.length = 0;
    // A worker that finishes early is idle first, and begins the next round; it does not get a third task.
    for (let time = 0; time < 2; time++) {
      const again = sent.at(-1) ?? early;
      scheduler.completed(again.tasks[0]!, 0.001);
      scheduler.dispatchAll();
    }
    expect(workersOf(sent)).toEqual([early.worker]);
  });

  test('count for the round in which they are found to', () => {
    const { scheduler, sent } = start(2);
    const queue = scheduler.createQueue();
    const all = tasks(3);
    for (const task of all) queue.push(task);
    scheduler.dispatchAll();
    expect(sizes(sent)).toEqual([1, 1]);
    const first = sent[0]!;
    scheduler.worksTogether(0, [first.tasks[0]!]);
    scheduler.completed(first.tasks[0]!, 0.001);
    scheduler.dispatchAll();
    expect(sizes(sent)).toEqual([1, 1]);
    scheduler.completed(sent[1]!.tasks[0]!, 0.001);
    scheduler.dispatchAll();
    expect(sent.at(-1)!.worker).toBe(sent[1]!.worker);
  });
});
