/** How well the scheduler does, on clusters of any size, with a virtual clock. */
import { SimulatedCluster, SimulatedTask } from './simulated_cluster.js';

const latency = 0.05;
const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

/** Runs tasks of the given times, all submitted at once to one queue. */
function runAll(
  workers: number,
  runTimes: readonly number[],
  givesBack = true,
): { cluster: SimulatedCluster; tasks: SimulatedTask[] } {
  const cluster = new SimulatedCluster({ workers, latency, givesBack });
  const queue = cluster.scheduler.createQueue();
  const tasks = runTimes.map((runTime) => cluster.submit(queue, new SimulatedTask(runTime)));
  cluster.run();
  return { cluster, tasks };
}

/** The same numbers each time, spread evenly over 0 … 1. */
function randomNumbers(count: number, seed = 42): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  });
}

const repeated = (count: number, runTime: number): number[] =>
  new Array<number>(count).fill(runTime);
const scattered = (count: number): number[] => randomNumbers(count).map((x) => 20 + 80 * x);
const exponential = (count: number, mean: number): number[] =>
  randomNumbers(count).map((x) => -mean * Math.log(1 - x));

describe.each([1, 2, 17, 4000])('%i workers', (workers) => {
  // Few enough that simulating thousands of workers takes a second.
  const count = workers * (workers > 1000 ? 6 : 20);
  const loads: [string, readonly number[]][] = [
    ['long', repeated(count, 50)],
    ['long and scattered', scattered(count)],
    ['of 1 ms', repeated(count, 1)],
    ['very short', repeated(Math.max(5000, 10 * workers), 0.002)],
    ['short and scattered', exponential(count, 0.5)],
  ];

  test.each(loads)('run each task exactly once: tasks %s', (_, runTimes) => {
    const { cluster, tasks } = runAll(workers, runTimes);
    expect(tasks.filter(({ completions }) => completions !== 1)).toEqual([]);
    const { queued, outstanding } = cluster.scheduler;
    expect([queued, outstanding]).toEqual([0, 0]);
    expect(cluster.busyTime).toBeCloseTo(sum(runTimes), 3);
  });

  test('are busy for more than 95 % of the time with long tasks', () => {
    const { cluster } = runAll(workers, repeated(count, 50));
    expect(cluster.busyTime / (workers * cluster.now)).toBeGreaterThan(0.95);
  });

  test('end within one task of the best possible time with long tasks, however scattered', () => {
    const runTimes = scattered(count);
    const { cluster } = runAll(workers, runTimes);
    const messages = 2 * latency * Math.max(...tasksPerWorker(cluster));
    const best = sum(runTimes) / workers;
    expect(cluster.now).toBeLessThanOrEqual(best + Math.max(...runTimes) + messages);
  });

  test('that give nothing back never have a second task while one is long', () => {
    const { cluster } = runAll(workers, scattered(count), false);
    expect(cluster.dispatched.filter(({ ahead, tasks }) => ahead + tasks.length > 1)).toEqual([]);
  });

  test('never wait for a message while tasks of a known kind are there', () => {
    const { cluster } = runAll(workers, repeated(count, 50));
    const rounds = count / workers;
    // Plus a round trip for the first tasks, which show how long tasks run.
    expect(cluster.now).toBeCloseTo(rounds * 50 + 4 * latency, 5);
  });

  test('have no more than aheadTime of work outstanding', () => {
    const { cluster } = runAll(workers, repeated(20 * workers, 1));
    const most = Math.max(...cluster.dispatched.map(({ outstandingTime }) => outstandingTime));
    expect(most).toBeGreaterThan(9);
    expect(most).toBeLessThanOrEqual(10);
  });

  test('are sent short tasks in few messages', () => {
    const { cluster, tasks } = runAll(workers, repeated(Math.max(5000, 50 * workers), 0.002));
    expect(cluster.dispatched.length / tasks.length).toBeLessThan(0.2);
  });

  test('are never idle while short tasks wait, once their kind is known', () => {
    const { cluster } = runAll(workers, repeated(20 * workers, 2));
    const best = 40;
    const learning = 3;
    expect(cluster.now).toBeLessThan(best + learning);
  });
});

function tasksPerWorker({ dispatched }: SimulatedCluster): number[] {
  const counts: number[] = [];
  for (const { worker, tasks } of dispatched) counts[worker] = (counts[worker] ?? 0) + tasks.length;
  return counts;
}

describe('run times that differ within a kind', () => {
  test.each<[string, number, readonly number[], number]>([
    ['exponential with a mean of 5 ms', 17, exponential(5000, 5), 0.95],
    ['exponential with a mean of 0.5 ms', 17, exponential(5000, 0.5), 0.9],
    ['8 ms or nothing', 17, randomNumbers(5000).map((x) => (x < 0.5 ? 8 : 0.01)), 0.95],
    ['1 s, one in a hundred', 17, randomNumbers(10_000).map((x) => (x < 0.01 ? 1000 : 0.01)), 0.5],
    ['longer and longer', 16, Array.from({ length: 1000 }, (_, i) => 0.01 * 1.012 ** i), 0.9],
    ['shorter and shorter', 16, Array.from({ length: 1000 }, (_, i) => 1500 * 0.988 ** i), 0.95],
    [
      'short, long, short',
      4,
      [...repeated(250, 0.01), ...repeated(500, 50), ...repeated(250, 0.01)],
      0.95,
    ],
  ])('%s: workers are busy', (_, workers, runTimes, utilisation) => {
    const { cluster, tasks } = runAll(workers, runTimes);
    expect(tasks.every(({ completions }) => completions === 1)).toBe(true);
    expect(cluster.busyTime / (workers * cluster.now)).toBeGreaterThan(utilisation);
  });
});

describe('several queues', () => {
  /** The latencies of tasks that are submitted one at a time while another queue is full. */
  function latenciesBeside(
    workers: number,
    { map, single }: { map: number; single: number },
    kinds: { map: number; single: number } = { map: 0, single: 0 },
  ): number[] {
    const cluster = new SimulatedCluster({ workers, latency });
    const queue = cluster.scheduler.createQueue();
    const other = cluster.scheduler.createQueue();
    for (let index = 0; index < 10_000; index++) {
      cluster.submit(queue, new SimulatedTask(map, { kind: kinds.map }));
    }
    const singles: SimulatedTask[] = [];
    const submitNext = (): void => {
      if (singles.length === 50) return;
      const task = new SimulatedTask(single, { kind: kinds.single });
      singles.push(cluster.submit(other, task, submitNext));
    };
    cluster.at(5 * map, submitNext);
    cluster.run();
    expect(singles.every(({ completions }) => completions === 1)).toBe(true);
    return singles.map(({ latency }) => latency);
  }

  test('a single long task beside a map of 10 000 takes no longer than three', () => {
    const latencies = latenciesBeside(17, { map: 20, single: 20 });
    expect(Math.max(...latencies)).toBeLessThan(3 * 20);
  });

  test('a single short task beside a map of 10 000 waits for what was sent ahead', () => {
    const latencies = latenciesBeside(17, { map: 1, single: 1 });
    expect(Math.max(...latencies)).toBeLessThan(10 + 3 * 1);
  });

  test('so does one of a kind that never ran, which needs an idle worker', () => {
    const latencies = latenciesBeside(17, { map: 1, single: 1 }, { map: 0, single: 1 });
    expect(Math.max(...latencies)).toBeLessThan(10 + 3 * 1);
  });

  test('a single short task beside a map of very short ones takes hardly longer than alone', () => {
    const latencies = latenciesBeside(2, { map: 0.01, single: 0.01 });
    expect(Math.max(...latencies)).toBeLessThan(3 * (2 * latency + 256 * 0.01));
  });

  /**
   * The time that workers spent on the tasks of each of two full queues between two points in time.
   */
  function timeSpent(
    workers: number,
    runTimes: readonly [number, number],
    { joins = 0, from = 0, to = 1000, kinds = [0, 1] } = {},
  ): number[] {
    const cluster = new SimulatedCluster({ workers, latency });
    const spent = [0, 0];
    const fill = (index: 0 | 1): void => {
      const queue = cluster.scheduler.createQueue();
      const runTime = runTimes[index];
      const kind = kinds[index]!;
      for (let count = (4 * workers * to) / runTime; count > 0; count--) {
        cluster.submit(queue, new SimulatedTask(runTime, { kind }), () => {
          if (cluster.now >= from) spent[index]! += runTime;
        });
      }
    };
    fill(0);
    cluster.at(joins, () => fill(1));
    cluster.run(to);
    return spent;
  }

  test.each<[string, [number, number]]>([
    ['both long', [50, 20]],
    ['one long, one short', [50, 1]],
    ['both short', [2, 0.2]],
  ])('get the same time, not the same number of tasks: %s', (_, runTimes) => {
    const [one, other] = timeSpent(4, runTimes) as [number, number];
    expect(one / other).toBeGreaterThan(0.85);
    expect(one / other).toBeLessThan(1.15);
  });

  test('get the same time also when the same function takes longer for one of them', () => {
    const [one, other] = timeSpent(4, [40, 2], { kinds: [0, 0] }) as [number, number];
    expect(one / other).toBeGreaterThan(0.8);
    expect(one / other).toBeLessThan(1.25);
  });

  test('that were idle have no credit', () => {
    const [early, late] = timeSpent(4, [5, 5], { joins: 1000, from: 1050, to: 2000 });
    expect(early! / late!).toBeGreaterThan(0.85);
    expect(early! / late!).toBeLessThan(1.15);
  });
});

describe('tasks that were sent ahead', () => {
  test('do not wait for one that proves to be long', () => {
    const runTimes = repeated(1000, 0.01);
    runTimes[700] = 500;
    const { tasks } = runAll(2, runTimes);
    const after = tasks.slice(701).map(({ completedAt }) => completedAt);
    expect(Math.max(...after)).toBeLessThan(20);
  });

  test('are run by whoever has nothing', () => {
    const cluster = new SimulatedCluster({ workers: 1, latency });
    const queue = cluster.scheduler.createQueue();
    const tasks = repeated(20, 1).map((runTime) =>
      cluster.submit(queue, new SimulatedTask(runTime)),
    );
    cluster.at(10.5, () => cluster.addWorker());
    cluster.run();
    expect(tasks.every(({ completions, begins }) => completions === 1 && begins === 1)).toBe(true);
    expect(cluster.calledBack).toBeGreaterThan(0);
    expect(cluster.now).toBeLessThan(17);
  });

  test('are not moved to and fro while they are short', () => {
    const { cluster, tasks } = runAll(2, repeated(1000, 0.001));
    expect(cluster.calledBack).toBe(0);
    expect(cluster.dispatched.length).toBeLessThan(tasks.length / 20);
  });

  test.each<[string, readonly number[], number]>([
    ['1 ms, each 50th 100 ms', mixed(1000, 50, 1, 100), 1.02],
    ['0.1 ms, each 100th 50 ms', mixed(4000, 100, 0.1, 50), 1.03],
  ])('%s: are through as soon as can be', (_, runTimes, times) => {
    const { cluster } = runAll(2, runTimes);
    expect(cluster.now).toBeLessThan(times * idealTime(runTimes, 2));
  });

  /** Random lengths, losses and cancels. Returns what was sent, and when. */
  function randomRun(seed: number): string {
    const numbers = randomNumbers(20_000, seed);
    const random = (below: number): number => Math.floor(numbers.pop()! * below);
    const workers = 1 + random(6);
    const cluster = new SimulatedCluster({ workers, latency: 0.02 + random(10) / 20 });
    const queues = Array.from({ length: 1 + random(3) }, () => cluster.scheduler.createQueue());
    const lengths = [0.002, 0.1, 1, 20, 300];
    const cancelled = new Set<SimulatedTask>();
    const all = Array.from({ length: 1500 }, () => {
      const queue = queues[random(queues.length)]!;
      const task = new SimulatedTask(lengths[random(random(2) + 4)]! * (0.5 + random(100) / 100), {
        kind: random(3),
        alone: random(50) === 0,
      });
      cluster.at(random(3) * 50, () => cluster.submit(queue, task));
      if (random(10) === 0) {
        cluster.at(random(2000), () => {
          if (task.worker !== -1) cluster.callBack(task);
          if (queue.withdraw(task)) cancelled.add(task);
        });
      }
      return task;
    });
    const losses = random(4);
    for (let worker = 0; worker < Math.min(losses, workers); worker++) {
      cluster.at(random(1000), () => cluster.kill(worker));
      cluster.at(1000 + random(100), () => cluster.addWorker());
    }
    cluster.run();
    for (const task of all) expect(task.completions).toBe(cancelled.has(task) ? 0 : 1);
    for (const task of cancelled) expect(task.begins - task.losses).toBe(0);
    // Only tasks that ran on a lost worker run a second time.
    expect(all.filter(({ begins, losses }) => begins > 1 + losses)).toEqual([]);
    expect([cluster.scheduler.queued, cluster.scheduler.outstanding]).toEqual([0, 0]);
    expect(cluster.calledBack).toBeGreaterThan(0);
    const first = all[0]!.id;
    return cluster.dispatched
      .map(
        ({ worker, at, tasks }) => `${at} ${worker}: ${tasks.map(({ id }) => id - first).join()}`,
      )
      .join('\n');
  }

  test.each(Array.from({ length: 40 }, (_, seed) => 1 + 7919 * seed))(
    'run once, whatever is called back, cancelled or lost: %i',
    (seed) => {
      expect(randomRun(seed)).toBe(randomRun(seed));
    },
  );
});

/** Tasks of a length, each `every`th of them of another one. */
function mixed(count: number, every: number, length: number, other: number): number[] {
  return Array.from({ length: count }, (_, at) => (at % every === every - 1 ? other : length));
}

/** When all are through if each goes, in this order, to the first worker that is free, and nothing costs anything. */
function idealTime(runTimes: readonly number[], workers: number): number {
  const free = repeated(workers, 0);
  for (const runTime of runTimes) free[free.indexOf(Math.min(...free))]! += runTime;
  return Math.max(...free);
}

describe('lost workers', () => {
  test.each([0.01, 1, 30])('lose no task and run none twice: tasks of %d ms', (runTime) => {
    const cluster = new SimulatedCluster({ workers: 17, latency });
    const queue = cluster.scheduler.createQueue();
    const tasks = Array.from({ length: 3000 }, () =>
      cluster.submit(queue, new SimulatedTask(runTime)),
    );
    const total = (3000 * runTime) / 17;
    for (let worker = 0; worker < 12; worker++) {
      cluster.at((worker * total) / 20, () => cluster.kill(worker));
    }
    cluster.at(total / 2, () => cluster.addWorker());
    cluster.run();
    expect(tasks.filter(({ completions }) => completions !== 1)).toEqual([]);
    const { queued, outstanding, workers } = cluster.scheduler;
    expect([queued, outstanding, workers]).toEqual([0, 0, 6]);
  });

  test('that were all lost are waited for, and then all tasks run', () => {
    const cluster = new SimulatedCluster({ workers: 2, latency });
    const queue = cluster.scheduler.createQueue();
    const alone = { alone: true };
    const tasks = Array.from({ length: 100 }, (_, index) =>
      cluster.submit(queue, new SimulatedTask(1, index % 2 === 0 ? alone : {})),
    );
    for (let round = 0; round < 5; round++) {
      cluster.at(10 * round + 5, () => [0, 1].forEach((place) => cluster.kill(2 * round + place)));
      cluster.at(10 * round + 9, () => [0, 1].forEach(() => cluster.addWorker()));
    }
    cluster.run();
    expect(tasks.filter(({ completions }) => completions !== 1)).toEqual([]);
    const { queued, outstanding, workers } = cluster.scheduler;
    expect([queued, outstanding, workers]).toEqual([0, 0, 2]);
  });
});

describe('withdrawn tasks', () => {
  test('never run, and the others all do', () => {
    const cluster = new SimulatedCluster({ workers: 17, latency });
    const queue = cluster.scheduler.createQueue();
    const tasks = Array.from({ length: 3000 }, () => cluster.submit(queue, new SimulatedTask(1)));
    const withdrawn = new Set<SimulatedTask>();
    for (let time = 0; time < 150; time += 10) {
      cluster.at(time, () => {
        for (let index = time; index < 3000; index += 37) {
          if (queue.withdraw(tasks[index]!)) withdrawn.add(tasks[index]!);
        }
      });
    }
    cluster.run();
    expect(withdrawn.size).toBeGreaterThan(100);
    for (const task of tasks) expect(task.completions).toBe(withdrawn.has(task) ? 0 : 1);
    expect(cluster.scheduler.queued).toBe(0);
  });
});
