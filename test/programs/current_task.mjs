/** What a task knows of itself, and what it reports while it runs. */

import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import {
  DataCloneError,
  isMain,
  reportProgress,
  taskInfo,
  taskSignal,
  UsageError,
} from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import { warningNamed } from './warnings.mjs';

export async function infoAndBusy(milliseconds) {
  const info = taskInfo();
  await pause(milliseconds);
  assert.deepEqual(taskInfo(), info);
  return info;
}

export function report(values) {
  for (const value of values) reportProgress(value);
  return 'done';
}

export async function reportSlowly(count) {
  for (let step = 0; step < count; step++) {
    reportProgress(step);
    await pause(1);
  }
}

export function reportFunction(factor) {
  reportProgress((number) => number * factor);
  return pause(1);
}

/** The program has to import the module of the function. */
export async function reportLateFunction() {
  const { word } = await import('./functions/late.mjs');
  reportProgress(word);
  reportProgress(2);
  return 'done';
}

export function reportSymbol() {
  try {
    reportProgress(Symbol('cannot travel'));
  } catch (error) {
    return [error.code, error.message];
  }
}

let leftBehind;

/** Reports when its task has ended, while another one may run. */
export function leaveTimer() {
  leftBehind = pause(1).then(() => reportProgress('too late'));
  leftBehind.catch(() => undefined);
  return process.pid;
}

export async function whatTimerSaid() {
  await pause(5);
  return [process.pid, await leftBehind?.then(String, (error) => error.code)];
}

export function reportUntilAborted() {
  const timer = setInterval(() => reportProgress('still there'), 1);
  return new Promise((resolve) => {
    taskSignal().addEventListener('abort', () => {
      clearInterval(timer);
      resolve('heard');
    });
  });
}

/** The values that are reported until the future is done. */
async function valuesOf(future) {
  const values = [];
  future.addProgressCallback((value) => values.push(value));
  await future;
  return values;
}

if (isMain) {
  const pool = await new PoolExecutor().bootup();

  await check('a task knows its worker, host, attempt and executor', async () => {
    const infos = await Promise.all(Array.from({ length: 20 }, () => pool.submit(infoAndBusy, 5)));
    const workers = new Set(infos.map(({ worker }) => worker));
    assert.deepEqual(
      [...workers].sort(),
      Array.from({ length: pool.numWorkers }, (_, i) => i),
    );
    for (const { worker, ...rest } of infos)
      assert.deepEqual(rest, { host: hostname(), attempt: 1, executor: pool.constructor.name }, `${worker}`); // prettier-ignore
  });

  await check('taskInfo and reportProgress are for tasks alone', async () => {
    assert.throws(() => taskInfo(), (error) => error instanceof UsageError && /taskInfo/.test(error.message)); // prettier-ignore
    assert.throws(() => reportProgress(1), (error) => error instanceof UsageError && /reportProgress/.test(error.message)); // prettier-ignore
    await Promise.all(Array.from({ length: 4 }, () => pool.submit(leaveTimer)));
    const said = await Promise.all(Array.from({ length: 4 }, () => pool.submit(whatTimerSaid)));
    assert.ok(said.some(([, code]) => code !== undefined));
    for (const [, code] of said) assert.ok(code === undefined || code === 'ERR_USAGE', code);
  });

  await check('values that a task reports arrive in order, before its result', async () => {
    const values = [
      1,
      'two',
      { three: [3] },
      undefined,
      new Map([[4, new Float64Array(1e4).fill(4)]]),
    ];
    const got = await valuesOf(pool.submit(report, values));
    assert.deepEqual(got, values);
    assert.deepEqual(await valuesOf(pool.submit(reportSlowly, 5)), [0, 1, 2, 3, 4]);
  });

  await check('they arrive while the task runs', async () => {
    const controller = new AbortController();
    const future = pool.with({ signal: controller.signal }).submit(reportUntilAborted);
    const first = await new Promise((resolve) => future.addProgressCallback(resolve));
    assert.deepEqual([first, future.done()], ['still there', false]);
    controller.abort();
    assert.equal(await future, 'heard');
  });

  await check('a reported function runs in the program', async () => {
    const [double] = await valuesOf(pool.submit(reportFunction, 2));
    assert.equal(double(21), 42);
  });

  await check('what follows a function whose module is still loading comes after it', async () => {
    const [word, ...rest] = await valuesOf(pool.submit(reportLateFunction));
    assert.deepEqual([word(), ...rest], ['of a late module', 2]);
  });

  await check('callbacks get the future too, in the context in which they were added', async () => {
    const context = new AsyncLocalStorage();
    const future = pool.submit(report, [7]);
    const seen = new Promise((resolve) => {
      context.run('mine', () => future.addProgressCallback((value, its) => resolve([value, its === future, context.getStore()]))); // prettier-ignore
    });
    assert.deepEqual(await seen, [7, true, 'mine']);
    assert.throws(() => future.addProgressCallback('no'), TypeError);
    future.addProgressCallback(() => undefined); // of one that may be done
  });

  await check('each of several callbacks is called, and what one throws is a warning', async () => {
    const warned = warningNamed('ProgressCallbackWarning');
    const future = pool.submit(report, [1, 2]);
    future.addProgressCallback(() => {
      throw new Error('on purpose');
    });
    assert.deepEqual(await valuesOf(future), [1, 2]);
    await warned;
  });

  await check('a task whose values nobody wants goes on', async () => {
    assert.equal(await pool.submit(report, [1, 2, 3]), 'done');
    assert.deepEqual(await pool.map(report, [[1], [2]], { chunkSize: 2 }).toArray(), ['done', 'done']); // prettier-ignore
  });

  await check('a value that cannot be sent is an error where it is reported', async () => {
    const [code, message] = await pool.submit(reportSymbol);
    assert.equal(code, new DataCloneError('').code);
    assert.match(message, /symbol/i);
  });

  await check('a cancelled task reports nothing more', async () => {
    const future = pool.submit(reportUntilAborted);
    const values = [];
    future.addProgressCallback((value) => {
      values.push(value);
      future.cancel({ kill: true, killAfter: Infinity });
    });
    await assert.rejects(future, { code: 'ERR_CANCELLED' });
    await pool.submit(infoAndBusy, 10);
    assert.deepEqual(values, ['still there']);
  });

  await pool.shutdown();

  await check('values pass through the codec of the executor', async () => {
    const coded = new PoolExecutor({
      maxWorkers: 1,
      codec: {
        encode: (value) => new TextEncoder().encode(JSON.stringify(value)),
        decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)),
      },
    });
    assert.deepEqual(await valuesOf(coded.submit(report, [{ a: 1 }, [2]])), [{ a: 1 }, [2]]);
    await coded.shutdown();
  });
}
