/** Pools whose workers are late, silent or gone. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout as sleep } from 'node:timers/promises';

import { BrokenExecutorError, WorkerLostError } from '../../lib/errors.js';
import { programFunctions } from '../../lib/pool/functions.js';
import { Pool } from '../../lib/pool/pool.js';
import { resultFlags } from '../../lib/tasks/batches.js';
import { encodeMessage, MessageKind } from '../../lib/tasks/messages.js';
import { plainSnapshot } from '../../lib/values/buffers/snapshot.js';
import { roots } from '../../lib/values/refusing/paths.js';
import { encodeStructure } from '../../lib/values/structure.js';
import { Trace } from '../../lib/tracing/trace.js';
import {
  call,
  poolOfOne,
  clientOptions,
  SimulatedGrowingWorkers,
  SimulatedWorkers,
} from './simulated_workers.js';

const lost = new WorkerLostError('gone', { rank: 0 });

/** All that is planned for this turn of the event loop has been done. */
const nextTurn = (): Promise<void> => sleep(1);

/** A pool with two workers, which are ready for its only executor. */
async function twoReady(workers = new SimulatedWorkers(2)) {
  const pool = new Pool(workers);
  const client = pool.addClient(clientOptions());
  const started = pool.start();
  workers.areThere();
  await started;
  for (const worker of pool.workers.keys()) workers.isReady(worker, client.id);
  return { workers, pool, client };
}

describe('an executor whose set-up hangs on one worker', () => {
  async function twoExecutorsOneBroken() {
    const workers = new SimulatedWorkers(2);
    const pool = new Pool(workers);
    const hanging = pool.addClient(clientOptions(30));
    const healthy = pool.addClient(clientOptions());
    const started = pool.start();
    workers.areThere();
    await started;
    workers.isReady(0, hanging.id);
    for (const worker of [0, 1]) workers.isReady(worker, healthy.id);
    const futures = [hanging.submit(call(), null), hanging.submit(call(), null)];
    const errors = await Promise.all(futures.map((future) => future.exception()));
    return { workers, hanging, healthy, errors };
  }

  test('fails its tasks, also those on workers that answer later', async () => {
    const { workers, hanging, errors } = await twoExecutorsOneBroken();
    expect(errors.every((error) => error instanceof BrokenExecutorError)).toBe(true);
    workers.answers(workers.tasksOf(0)[0]!);
    await hanging.finished();
    expect(hanging.stats()).toMatchObject({ failed: 2, done: 0, running: 0 });
  });

  test('is told of after 10 s, unless the worker has tasks of others to do first', async () => {
    const { workers, pool, client: busy } = await twoReady();
    const futures = [busy.submit(call(), null), busy.submit(call(), null)];
    await nextTurn();
    jest.useFakeTimers();
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue(undefined);
    try {
      const hanging = pool.addClient(clientOptions());
      jest.advanceTimersByTime(20_000);
      expect(warn).not.toHaveBeenCalled();
      workers.isReady(0, hanging.id);
      for (const worker of [0, 1]) workers.answers(workers.tasksOf(worker)[0]!);
      jest.advanceTimersByTime(30_000);
      expect(warn.mock.calls).toEqual([
        [
          'Workers are not ready after 10 s. Worker 1 of 2 has not been set up: its initializer, or the top level of a module, ' +
            'has not ended. The limit is 60000 ms (option bootTimeout)',
          { type: 'MPIFuturesWarning', code: 'MPI_FUTURES_SLOW_START' },
        ],
      ]);
      workers.isReady(1, hanging.id);
    } finally {
      warn.mockRestore();
      jest.useRealTimers();
    }
    expect(await Promise.all(futures)).toEqual([1, 1]);
  });

  test('leaves the other workers to other executors', async () => {
    const { workers, healthy } = await twoExecutorsOneBroken();
    workers.answers(workers.tasksOf(0)[0]!);
    const future = healthy.submit(call(), null);
    await nextTurn();
    expect(workers.tasksOf(0)).toHaveLength(2);
    workers.answers(workers.tasksOf(0)[1]!);
    expect(await future).toBe(1);
  });
});

test('workers that were traced before the first executor isolates them are told again: their tasks run elsewhere', async () => {
  const workers = new SimulatedWorkers(2);
  const pool = new Pool(workers);
  const started = pool.start();
  workers.areThere();
  await started;
  const trace = new Trace(pool.tracer);
  const told = [MessageKind.trace, MessageKind.clock];
  expect(workers.told).toEqual([...told, ...told]);
  pool.addClient({ ...clientOptions(), isolate: true });
  expect(workers.told).toEqual([...told, ...told, ...told, ...told]);
  trace.stop();
});

describe('a worker that is lost before all have said hello', () => {
  test('gets no tasks', async () => {
    const workers = new SimulatedWorkers(2);
    const pool = new Pool(workers);
    const client = pool.addClient(clientOptions());
    const started = pool.start();
    workers.loses(0, lost);
    workers.areThere();
    await started;
    workers.isReady(1, client.id);
    const futures = [client.submit(call(), null), client.submit(call(), null)];
    await nextTurn();
    workers.answers(workers.tasks[0]!);
    await nextTurn();
    workers.answers(workers.tasks[1]!);
    expect(await Promise.all(futures)).toEqual([1, 1]);
    expect(workers.tasksOf(0)).toEqual([]);
    expect(pool.size).toBe(1);
  });

  test('has not joined, for tools and traces', async () => {
    const heard: unknown[] = [];
    const hear = (message: unknown, name: string | symbol): void => {
      const { rank, workers: count } = message as { rank?: number; workers?: number };
      heard.push([name, rank ?? count]);
    };
    const [spawnStart, spawnEnd, join, loss] = [
      'mpi-futures:spawn:start',
      'mpi-futures:spawn:end',
      'mpi-futures:worker:join',
      'mpi-futures:worker:lost',
    ];
    const names = [spawnStart, spawnEnd, join, loss];
    for (const name of names) subscribe(name, hear);
    const workers = new SimulatedWorkers(2);
    const pool = new Pool(workers);
    const trace = new Trace(pool.tracer);
    const started = pool.start();
    workers.loses(0, lost);
    workers.areThere();
    await started;
    for (const name of names) unsubscribe(name, hear);
    expect(heard).toEqual([
      [spawnStart, undefined],
      [spawnEnd, 2],
      [join, 1],
    ]);
    const rows = trace.toJSON().traceEvents.filter(({ name }) => name === 'thread_name');
    expect(rows.map(({ tid }) => tid)).toEqual([2]);
  });

  test('breaks the pool if it was the only one', async () => {
    const workers = new SimulatedWorkers(1);
    const pool = new Pool(workers);
    const client = pool.addClient(clientOptions());
    const future = client.submit(call(), null);
    const started = pool.start();
    workers.loses(0, lost);
    workers.areThere();
    await started;
    expect(await future.exception()).toMatchObject({ code: 'ERR_BROKEN_EXECUTOR', cause: lost });
    expect(pool.size).toBe(0);
  });
});

describe('a worker that has died', () => {
  test('gets nothing more; what it had answered counts, and the rest is lost', async () => {
    const { workers, client } = await poolOfOne();
    const first = client.submit(call(), null);
    await nextTurn();
    workers.answers(workers.tasks[0]!);
    const futures = Array.from({ length: 3 }, () => client.submit(call(), null));
    await nextTurn();
    const sent = workers.tasks.length;
    expect(sent).toBeGreaterThan(1);
    workers.leaves(0);
    workers.answers(workers.tasks[1]!);
    await nextTurn();
    workers.loses(0, lost);
    const outcomes = await Promise.allSettled(futures);
    expect(await first).toBe(1);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(workers.tasks).toHaveLength(sent);
  });
});

describe('workers that are started as there is work for them', () => {
  async function firstIsThere() {
    const workers = new SimulatedGrowingWorkers(3);
    const pool = new Pool(workers);
    const client = pool.addClient(clientOptions());
    const started = pool.start();
    const futures = [1, 2, 3].map(() => client.submit(call(), null));
    await nextTurn();
    expect(workers.wanted.at(-1)).toBe(3);
    workers.areThere();
    await started;
    workers.isReady(0, client.id);
    return { workers, pool, client, futures };
  }

  test('the first has tasks before the others are there, and they get theirs when they are', async () => {
    const { workers, pool, client, futures } = await firstIsThere();
    expect(workers.tasks).toHaveLength(1);
    expect(workers.wanted.at(-1)).toBe(3);
    workers.adds(2);
    expect(workers.lasting).toHaveLength(2); // the set-up
    expect(workers.tasksOf(1)).toHaveLength(1);
    workers.isReady(1, client.id);
    for (let answered = 0; answered < 3; answered++) workers.answers(workers.tasks[answered]!);
    expect(await Promise.all(futures)).toEqual([1, 1, 1]);
    expect(workers.wanted.at(-1)).toBe(0);
    expect(pool.size).toBe(2);
  });

  test('tasks wait while the only one is lost and others can come', async () => {
    const { workers, pool, client, futures } = await firstIsThere();
    workers.loses(0, lost);
    expect(await futures[0]!.exception()).toBe(lost);
    expect(pool.broken).toBeUndefined();
    expect(workers.wanted.at(-1)).toBe(2);
    workers.adds(1);
    workers.isReady(1, client.id);
    workers.answers(workers.tasksOf(1)[0]!);
    expect(await futures[1]).toBe(1);
  });

  test('the pool is broken when none is left and none comes', async () => {
    const { workers, pool, futures } = await firstIsThere();
    workers.loses(0, lost);
    workers.doesNotAdd(new Error('not this one'));
    expect(pool.broken).toBeUndefined();
    workers.growing.toCome = 0;
    workers.doesNotAdd(new Error('nor that one'));
    expect(await futures[2]!.exception()).toMatchObject({
      code: 'ERR_BROKEN_EXECUTOR',
      message: 'All workers were lost, and no other could be started: nor that one',
      cause: lost,
    });
  });
});

describe('what a worker cannot have to say is an error, and changes nothing', () => {
  async function twoTasks() {
    const { workers, client } = await twoReady();
    const futures = [client.submit(call(), null), client.submit(call(), null)];
    await nextTurn();
    const [mine, other] = [workers.tasksOf(0)[0]!, workers.tasksOf(1)[0]!];
    const finish = async () => {
      workers.answers(mine);
      workers.answers(other);
      expect(await Promise.all(futures)).toEqual([1, 1]);
      expect(client.stats()).toMatchObject({ done: 2, running: 0 });
    };
    return { workers, mine, other, finish };
  }

  test('the answer to a task of another worker', async () => {
    const { workers, mine, other, finish } = await twoTasks();
    expect(() => {
      workers.answers({ ...other, worker: mine.worker });
    }).toThrow(`it does not have the task ${other.id}`);
    await finish();
  });

  test('the answer to no task', async () => {
    const { workers, mine, finish } = await twoTasks();
    expect(() => {
      workers.answers({ ...mine, id: 1e9 });
    }).toThrow('it does not have the task 1000000000');
    await finish();
  });

  test('the same answer twice', async () => {
    const { workers, mine, other } = await twoTasks();
    workers.answers(other);
    expect(() => {
      workers.answers(other);
    }).toThrow(`it does not have the task ${other.id}`);
    workers.answers(mine);
  });

  test.each([
    ['of another executor', { client: 99 }, resultFlags.value],
    ['of a codec that there is not', {}, resultFlags.custom],
    ['that it was aborted, which nobody can', {}, resultFlags.dropped],
    ['of no kind', {}, 64],
  ])('an answer %s', async (_, change, flags) => {
    const { workers, mine, finish } = await twoTasks();
    expect(() => {
      workers.answers({ ...mine, ...change }, flags);
    }).toThrow('is of another kind than asked for');
    await finish();
  });

  test('that a task has begun which another worker has', async () => {
    const { workers, mine, other, finish } = await twoTasks();
    expect(() => {
      workers.says(mine.worker, encodeMessage(MessageKind.started, other.id));
    }).toThrow(`it does not have the task ${other.id}`);
    await finish();
  });

  test.each([MessageKind.tasks, MessageKind.welcome, 0, 255])(
    'a message of kind %d',
    async (kind) => {
      const { workers, finish } = await twoTasks();
      expect(() => {
        workers.says(0, Uint8Array.of(kind, 0, 0, 0));
      }).toThrow(`it has sent a message of kind ${kind}`);
      await finish();
    },
  );
});

describe('a worker that the pool can end', () => {
  async function oneBusy(quota = Infinity) {
    const workers = new SimulatedWorkers(1, true);
    workers.ended = [];
    const pool = new Pool(workers);
    const client = pool.addClient({ ...clientOptions(), recycling: { maxTasks: quota } });
    const started = pool.start();
    workers.areThere();
    await started;
    workers.isReady(0, client.id);
    const future = client.submit(call(), null);
    await nextTurn();
    expect(workers.begins(workers.tasks[0]!)).toBe(true);
    return { workers, pool, client, future };
  }

  test('is ended with the task that it has, and its place is taken', async () => {
    const { workers, pool, client, future } = await oneBusy();
    const next = client.submit(call(), null);
    expect(future.cancel({ kill: true, killAfter: 0, reason: 'why' })).toBe(true);
    await expect(future).rejects.toMatchObject({ code: 'ERR_CANCELLED', cause: 'why' });
    while (workers.ended!.length === 0) await nextTurn();
    expect(pool.size).toBe(0);
    expect(pool.broken).toBeUndefined();
    await workers.replaces(0);
    await nextTurn();
    expect(pool.size).toBe(1);
    expect(pool.workers).toHaveLength(1);
    workers.isReady(0, client.id);
    // Its ids go on where those of the other ended.
    const [first, second] = workers.tasks;
    expect(second!.id).toBeGreaterThan(first!.id);
    expect(() => workers.answers(first!)).toThrow('it does not have the task');
    workers.answers(second!);
    expect(await next).toBe(1);
    expect(client.stats()).toMatchObject({ cancelled: 1, done: 1, lost: 0, running: 0, queued: 0 });
  });

  test('is not ended if the task ends in time', async () => {
    const { workers, client, future } = await oneBusy();
    future.cancel({ kill: true, killAfter: 1 });
    workers.answers(workers.tasks[0]!);
    const next = client.submit(call(), null);
    while (workers.tasks.length < 2) await nextTurn();
    await nextTurn();
    workers.answers(workers.tasks[1]!);
    expect(await next).toBe(1);
    expect(workers.ended).toEqual([]);
  });

  test('is not ended for a task whose answer is on the way: it has begun the next one', async () => {
    const { workers, client, future } = await oneBusy();
    workers.answers(workers.tasks[0]!); // now tasks are expected to be short
    await future;
    const [first, second] = [1, 2].map(() => client.submit(call(), null));
    await nextTurn();
    const sent = workers.tasks.slice(1);
    for (const task of sent) expect(workers.begins(task)).toBe(true);
    expect(first!.cancel({ kill: true, killAfter: 0 })).toBe(true);
    await sleep(10); // the time of killAfter: nothing may come of it
    expect(sent).toHaveLength(2);
    for (const task of sent) workers.answers(task);
    expect(await second).toBe(1);
    expect(workers.ended).toEqual([]);
  });

  test('gives back what it has not begun before it is ended', async () => {
    const { workers, client, future } = await oneBusy();
    workers.answers(workers.tasks[0]!);
    await future;
    const [first, second] = [1, 2].map(() => client.submit(call(), null));
    await nextTurn();
    workers.begins(workers.tasks[1]!);
    first!.cancel({ kill: true, killAfter: 0 });
    while (workers.ended!.length === 0) await nextTurn();
    expect(workers.begins(workers.tasks[2]!)).toBe(false);
    await workers.replaces(0);
    await nextTurn();
    workers.isReady(0, client.id);
    workers.answers(workers.tasks[3]!);
    expect(await second).toBe(1);
    expect(client.stats()).toMatchObject({ lost: 0, cancelled: 1, done: 2 });
  });

  test('is replaced after its share of tasks, though three in a row have given no result', async () => {
    const { workers, pool, client, future } = await oneBusy(1);
    workers.answers(workers.tasks[0]!);
    expect(await future).toBe(1);
    for (let round = 1; round < 6; round++) {
      expect(workers.ended).toHaveLength(round);
      await workers.replaces(0);
      await nextTurn();
      workers.isReady(0, client.id);
      const next = client.submit(call(), null);
      await nextTurn();
      next.cancel({ kill: true, killAfter: 0 });
      while (workers.ended!.length === round) await nextTurn();
    }
    expect(pool.broken).toBeUndefined();
    expect(client.stats()).toMatchObject({ done: 1, cancelled: 5, lost: 0 });
  });

  test('that has too much memory gives back what it has not begun', async () => {
    const { workers, client, future } = await oneBusy();
    workers.says(0, encodeMessage(MessageKind.full, undefined));
    const next = client.submit(call(), null);
    await nextTurn();
    expect(workers.tasks).toHaveLength(1);
    expect(workers.ended).toEqual([]);
    workers.answers(workers.tasks[0]!);
    expect(await future).toBe(1);
    expect(workers.ended).toEqual([0]);
    await workers.replaces(0);
    await nextTurn();
    workers.answers(workers.tasks[1]!);
    expect(await next).toBe(1);
  });

  test('is left alone once its pool has stopped', async () => {
    const { pool, future } = await oneBusy();
    future.cancel({ kill: true, killAfter: 30 });
    await pool.stop();
    await sleep(40); // the time of killAfter: nothing may come of it
    expect(pool.workers).toEqual([]);
  });

  test('that cannot be ended is left alone, and the pool ends without it', async () => {
    const { workers, client, pool } = await twoReady();
    const futures = [client.submit(call(), null), client.submit(call(), null)];
    await nextTurn();
    futures[0]!.cancel({ kill: true, killAfter: Infinity });
    workers.says(0, encodeMessage(MessageKind.full, undefined));
    pool.giveUp(client, 'why', true);
    await client.finished();
    await expect(futures[0]).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    await expect(futures[1]).rejects.toMatchObject({ code: 'ERR_WORKER_LOST', reason: 'why' });
    await pool.stop();
    expect(pool.workers).toEqual([]);
  });
});

test('a pool that is given up does not wait for the module that a result names', async () => {
  const { workers, pool, client } = await twoReady();
  const future = client.submit(call(), null);
  await nextTurn();
  const { functions } = pool.workers[workers.tasks[0]!.worker]!;
  jest.spyOn(functions, 'prepare').mockReturnValue(new Promise(() => undefined));
  const value = encodeStructure(new Map(), {
    snapshot: plainSnapshot,
    functions: programFunctions,
    root: roots.result,
  });
  workers.answers(workers.tasks[0]!, resultFlags.value, value);
  await nextTurn();
  expect(future.done()).toBe(false);
  pool.giveUp(client, 'why', true);
  await client.finished();
  await expect(future).rejects.toMatchObject({ code: 'ERR_BROKEN_EXECUTOR', message: 'why' });
});

test('an executor that is given up in its set-up takes no task of another one along', async () => {
  const workers = new SimulatedWorkers(1, true);
  workers.isIsolated = true;
  workers.ended = [];
  const { pool, client: other } = await twoReady(workers);
  const first = other.submit(call(), null);
  await nextTurn();
  workers.begins(workers.tasks[0]!);
  pool.giveUp(pool.addClient(clientOptions()), 'why', false);
  expect(workers.ended).toEqual([]); // it is at that task
  workers.answers(workers.tasks[0]!);
  expect(await first).toBe(1);

  const second = other.submit(call(), null);
  await nextTurn();
  pool.giveUp(pool.addClient(clientOptions()), 'why', false);
  expect(workers.ended).toEqual([0]); // it may be in the set-up, before that task
  await workers.replaces(0);
  workers.isReady(0, other.id);
  await nextTurn();
  workers.answers(workers.tasks.at(-1)!);
  expect(await second).toBe(1);
});

test('three sandboxes in a row that die in a set-up break the executor', async () => {
  const workers = new SimulatedWorkers(1, true);
  workers.isIsolated = true;
  workers.ended = [];
  const pool = new Pool(workers);
  const client = pool.addClient(clientOptions());
  const started = pool.start();
  workers.areThere();
  await started;
  const die = async (): Promise<void> => {
    workers.loses(0, lost);
    await workers.replaces(0);
    await nextTurn();
  };
  for (let round = 0; round < 3; round++) {
    await die();
    await die();
    workers.isReady(0, client.id);
    const future = client.submit(call(), null);
    await nextTurn();
    workers.begins(workers.tasks.at(-1)!);
    await die(); // in the task
    await expect(future).rejects.toBe(lost);
  }
  expect(client.broken).toBeUndefined();
  for (let times = 0; times < 3; times++) await die();
  expect(client.broken).toBeInstanceOf(BrokenExecutorError);
});

test('three sandboxes of one worker that die in a set-up break the executor, though others are set up meanwhile', async () => {
  const workers = new SimulatedWorkers(2, true);
  workers.isIsolated = true;
  workers.ended = [];
  const { pool, client } = await twoReady(workers);
  const die = async (worker: number): Promise<void> => {
    workers.loses(worker, lost);
    await workers.replaces(worker);
    await nextTurn();
  };
  await die(0); // it had nothing to do
  for (let times = 0; times < 2; times++) {
    await die(0);
    await die(1);
    workers.isReady(1, client.id);
  }
  expect(client.broken).toBeUndefined();
  await die(0);
  expect(client.broken).toBeInstanceOf(BrokenExecutorError);
  await pool.stop();
});

describe('tasks that were sent and have not begun', () => {
  /** Two workers; the first one has a task that it has begun, and two others; the second one has nothing. */
  async function twoBehindOne(args = '[]') {
    const { workers, client } = await twoReady(new SimulatedWorkers(2, true));
    const submit = (): ReturnType<typeof client.submit> => client.submit(call(args), null);
    const settle = async (): Promise<void> => {
      for (let done = 0; done < workers.tasks.length;) {
        const task = workers.tasks[done++]!;
        if (workers.begins(task)) workers.answers(task);
        await nextTurn();
      }
    };
    // The scheduler now knows that these tasks are short.
    for (let round = 0; round < 20; round++) {
      void submit();
      await nextTurn();
      await settle();
    }
    workers.tasks.length = 0;
    const futures = Array.from({ length: 6 }, submit);
    await nextTurn();
    const [first, second] = [...new Set(workers.tasks.map(({ worker }) => worker))] as [
      number,
      number,
    ];
    const [begun, ...others] = workers.tasksOf(first);
    expect(others).toHaveLength(2);
    expect(workers.begins(begun!)).toBe(true);
    return { workers, client, futures, first, second, begun: begun!, others, settle };
  }

  test('can be cancelled, and the first one there cannot', async () => {
    const { workers, futures, others, settle } = await twoBehindOne();
    expect(futures.slice(0, 3).map(({ state }) => state)).toEqual([
      'running',
      'pending',
      'pending',
    ]);
    expect(futures[0]!.cancel()).toBe(false);
    expect(futures[2]!.cancel()).toBe(true);
    expect(workers.begins(others[1]!)).toBe(false);
    expect(workers.begins(others[0]!)).toBe(true);
    // The task has begun meanwhile.
    expect(futures[1]!.cancel()).toBe(false);
    expect(futures[1]!.state).toBe('running');
    workers.answers(others[0]!);
    await settle();
  });

  test('run elsewhere when their worker says nothing', async () => {
    const { workers, futures, second, others } = await twoBehindOne();
    const given = workers.tasks.length;
    for (const task of workers.tasksOf(second)) {
      expect(workers.begins(task)).toBe(true);
      workers.answers(task);
    }
    while (workers.tasks.length < given + 2) await nextTurn();
    const again = workers.tasks.slice(given);
    expect(again.map(({ worker }) => worker)).toEqual([second, second]);
    expect(others.map((task) => workers.begins(task))).toEqual([false, false]);
    for (const task of again) {
      expect(workers.begins(task)).toBe(true);
      workers.answers(task);
    }
    expect(await Promise.all(futures.slice(1))).toEqual([1, 1, 1, 1, 1]);
    expect(futures[0]!.state).toBe('running');
  });

  test('run elsewhere when their worker is lost, without retries', async () => {
    const { workers, client, futures, first, settle } = await twoBehindOne();
    workers.leaves(first);
    workers.loses(first, lost);
    await expect(futures[0]).rejects.toBe(lost);
    await settle();
    expect(await Promise.all(futures.slice(1))).toEqual([1, 1, 1, 1, 1]);
    expect(client.stats()).toMatchObject({ lost: 1, done: 25, queued: 0, running: 0 });
  });

  test('fail with their worker if their arguments were too large to be kept', async () => {
    const large = JSON.stringify(['x'.repeat(1 << 17)]);
    const { futures, workers, first, second } = await twoBehindOne(large);
    workers.loses(first, lost);
    for (const task of workers.tasksOf(second)) {
      expect(workers.begins(task)).toBe(true);
      workers.answers(task);
    }
    const errors = await Promise.all(futures.map((future) => future.exception()));
    expect(errors.filter((error) => error === lost)).toHaveLength(3);
    expect(errors.filter((error) => error === undefined || error === null)).toHaveLength(3);
  });

  test('fail with their worker once they have begun', async () => {
    const { workers, futures, first, others } = await twoBehindOne();
    expect(workers.begins(others[0]!)).toBe(true);
    workers.loses(first, lost);
    await expect(futures[1]).rejects.toBe(lost);
  });

  test('are nobody’s answer once they were called back', async () => {
    const { workers, futures, others } = await twoBehindOne();
    futures[2]!.cancel();
    expect(() => workers.answers(others[1]!)).toThrow('it does not have the task');
  });

  test('are cancelled with all others of their executor', async () => {
    const { client, futures, workers, second } = await twoBehindOne();
    expect(workers.begins(workers.tasksOf(second)[0]!)).toBe(true);
    client.cancelQueued();
    expect(futures.map(({ state }) => state).sort()).toEqual([
      ...['cancelled', 'cancelled', 'cancelled', 'cancelled'],
      ...['running', 'running'],
    ]);
  });
});
