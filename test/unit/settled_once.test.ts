/**
 * Whatever happens to tasks and workers, each future is settled once, and has an outcome that its story allows. The workers
 * live on jest's clock, so the same seed is the same schedule.
 */
import fc from 'fast-check';

import type { Future } from '../../lib/futures/future.js';
import { resolveTaskOptions, type TaskOptions } from '../../lib/executors/task_options.js';
import { Pool } from '../../lib/pool/pool.js';
import { PoolTask } from '../../lib/pool/pool_task.js';
import { MortalWorkers, type Conduct, type MortalOptions } from './mortal_workers.js';
import { clientOptions } from './simulated_workers.js';

/** A run: who the workers are, and the seed of all that happens. */
interface Story {
  readonly workers: MortalOptions;
  readonly tasks: number;
  readonly maxTasks: number;
  readonly deaths: boolean;
  readonly seed: number;
}

/** Numbers from 0 to 1, the same for the same seed. */
function numbersOf(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

interface Told {
  readonly future: Future<unknown>;
  readonly conduct: Conduct;
  settled: number;
}

async function tell({ workers: options, tasks, maxTasks, deaths, seed }: Story) {
  const next = numbersOf(seed);
  const chance = (of: number): boolean => next() < of;
  const upTo = (most: number): number => Math.floor(next() * most);
  const workers = new MortalWorkers(options);
  const pool = new Pool(workers);
  const client = pool.addClient({ ...clientOptions(), recycling: { maxTasks } });
  await pool.start();
  const controllers = [0, 1, 2].map(() => new AbortController());
  const all: Told[] = [];

  const submit = (): void => {
    const isEndless = chance(0.02);
    const taskOptions: TaskOptions = {
      ...(chance(isEndless ? 0.95 : 0.2) && { timeout: upTo(20) }),
      ...(chance(0.3) && { killAfter: chance(0.5) ? 0 : upTo(10) }),
      ...(chance(0.2) && { retries: upTo(3) }),
      ...(chance(0.2) && { signal: controllers[upTo(3)]!.signal, kill: chance(0.7) }),
    };
    const { signal } = taskOptions;
    if (signal?.aborted === true) return; // Submitter has an answer of its own for it
    const time = isEndless ? null : upTo(6) * (chance(0.1) ? 20 : 1);
    const conduct = { number: all.length, time, heeds: chance(0.5) };
    const task = new PoolTask(upTo(3), upTo(3), 0, JSON.stringify([conduct]), {});
    const future = client.submit(task, resolveTaskOptions(taskOptions, null));
    const told: Told = { future, conduct, settled: 0 };
    future.addDoneCallback(() => told.settled++);
    all.push(told);
  };

  const act = (): void => {
    const { future } = all[upTo(all.length)]!;
    const what = next();
    if (what < 0.5) future.cancel();
    else if (what < 0.9) future.cancel({ kill: true, killAfter: chance(0.5) ? 0 : upTo(20) });
    else if (what < 0.91 && !controllers.every(({ signal }) => signal.aborted))
      controllers[upTo(3)]!.abort('enough');
    else if (what < 0.95) workers.isFull(upTo(options.count));
    else if (deaths) workers.dies(upTo(options.count));
  };

  // Many at once, then everything in between.
  for (let i = 0; i < tasks / 2; i++) submit();
  while (all.length < tasks && pool.broken === undefined) {
    for (let i = upTo(20); i > 0; i--) submit();
    for (let i = upTo(8); i > 0; i--) act();
    await jest.advanceTimersByTimeAsync(upTo(5));
  }
  const lostBefore = client.stats().lost;
  // As lib/executors/lifecycle.ts does it.
  if (chance(0.5)) client.cancelQueued();
  else await jest.advanceTimersByTimeAsync(upTo(10_000));
  pool.giveUp(client, 'over', true);
  const finished = client.finished().then(async () => {
    await client.ready().catch(() => undefined);
    pool.removeClient(client);
    await pool.stop();
  });
  await jest.advanceTimersByTimeAsync(100);
  await finished;
  await jest.advanceTimersByTimeAsync(60_000);
  return { all, client, workers, pool, lostBefore };
}

const story = fc.record({
  workers: fc.record({
    count: fc.integer({ min: 1, max: 6 }),
    givesBack: fc.boolean(),
    canEnd: fc.boolean(),
    restart: fc.integer({ min: 0, max: 30 }),
  }),
  tasks: fc.integer({ min: 1, max: 200 }),
  maxTasks: fc.constantFrom(Infinity, 1, 7),
  deaths: fc.boolean(),
  seed: fc.nat(),
});

async function check(told: Story): Promise<MortalWorkers['begun']> {
  const { all, client, workers, lostBefore } = await tell(told);
  // A worker that is ended for a task takes no other along, where it is known which it has begun.
  if (!told.deaths && told.workers.givesBack) expect(lostBefore).toBe(0);
  expect(all.filter(({ settled, future }) => settled !== 1 || !future.done())).toEqual([]);
  for (const { future, conduct } of all)
    if (future.state === 'fulfilled') expect(await future).toBe(conduct.number);
    else expect(await future.exception().catch((error: unknown) => error)).toBeDefined();
  const { submitted, queued, running, done, failed, cancelled, lost } = client.stats();
  expect({ queued, running, submitted }).toEqual({ queued: 0, running: 0, submitted: all.length });
  const states = (state: string): number =>
    all.filter(({ future }) => future.state === state).length;
  expect(done).toBe(states('fulfilled'));
  expect(cancelled).toBe(states('cancelled'));
  expect(failed + lost).toBe(states('rejected'));
  return workers.begun;
}

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
  jest.spyOn(process, 'emitWarning').mockReturnValue(undefined);
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

test('small stories', async () => {
  await fc.assert(
    fc.asyncProperty(story, async (told) => {
      await check(told);
    }),
    { numRuns: 200, seed: 15 },
  );
});

test('10 000 tasks, twice: the same schedule', async () => {
  const told = {
    workers: { count: 8, givesBack: true, canEnd: true, restart: 5 },
    tasks: 10_000,
    maxTasks: 50,
    deaths: true,
    seed: 15,
  };
  const first = await check(told);
  expect(first.length).toBeGreaterThan(1000);
  expect(await check(told)).toEqual(first);
});
