import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { CancelledError, TimeoutError, isMain, reportProgress, taskSignal } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import * as tasks from './tasks.mjs';

/**
 * Reports that it has begun. Tells how it saw its signal: the reason, or that nothing was aborted within `milliseconds`: by default
 * far longer than an abort takes.
 */
export async function waitForAbort(milliseconds = 60_000) {
  const signal = taskSignal();
  const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
  reportProgress('begun');
  await Promise.race([aborted, pause(milliseconds)]);
  return { aborted: signal.aborted, reason: signal.reason };
}

export function signalState() {
  const signal = taskSignal();
  return [signal instanceof AbortSignal, signal.aborted, signal === taskSignal()];
}

let said;

/** Asks for the signal when it has ended. */
export function leaveTimer() {
  void pause(1)
    .then(taskSignal)
    .then(String, (error) => error.code)
    .then((what) => (said = what));
}

/** No timer fires within it. */
export function whatTimerSaid() {
  return said;
}

/** One kind of task: short, or until its signal is aborted, or until a file is there. */
export function maybeLong(what) {
  if (what === 'abort') return waitForAbort();
  return what === 0 ? 0 : tasks.passed(what);
}

export function forEver() {
  for (;;);
}

/** Computes without a pause until the file is there. */
export function computeUntil(file) {
  while (!existsSync(file));
}

/** Resolves when the task is running on its worker, and not only as far as the program knows. */
function begun(future) {
  return new Promise((resolve) => future.addProgressCallback(resolve));
}

if (isMain) {
  const pool = await new PoolExecutor().bootup();
  const warnings = [];
  process.on('warning', (warning) => warnings.push(warning));

  const folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'));
  let files = 0;
  /** A file that is not there yet. */
  const newFile = () => path.join(folder, String(files++));
  const make = (file) => writeFileSync(file, '');
  /** Keeps both workers busy; returns what lets them go on. */
  const occupy = async (fn = tasks.passed) => {
    const file = newFile();
    const occupied = [0, 1].map(() => pool.submit(fn, file));
    await turn(); // sends one task to each worker
    return async () => {
      make(file);
      assert.deepEqual(await Promise.all(occupied), [file, file]);
    };
  };

  await check('an unknown task option is a TypeError that names the closest known one', () => {
    assert.throws(() => pool.with({ time_out: 1 }), {
      name: 'TypeError',
      message: /time_out.*did you mean timeout\?/is,
    });
    assert.throws(() => pool.with(5), TypeError);
  });

  await check('a wrong task option is an error that names it', () => {
    assert.throws(() => pool.with({ retries: -1 }), { name: 'RangeError', message: /retries.*-1/ });
    assert.throws(() => pool.with({ retries: 1.5 }), { name: 'RangeError', message: /retries/ });
    assert.throws(() => pool.with({ retries: '1' }), { name: 'TypeError', message: /retries/ });
    assert.throws(() => pool.with({ timeout: NaN }), { name: 'RangeError', message: /timeout/ });
    assert.throws(() => pool.with({ timeout: -1 }), { name: 'RangeError', message: /timeout/ });
    assert.throws(() => pool.with({ signal: {} }), { name: 'TypeError', message: /AbortSignal/ });
  });

  await check('tasks are submitted and mapped through with as through the pool', async () => {
    const view = pool.with({ timeout: 60_000, retries: 1, signal: new AbortController().signal });
    assert.equal(await view.submit(tasks.add, 40, 2), 42);
    assert.deepEqual(await view.map(tasks.identity, [1, 2, 3]).toArray(), [1, 2, 3]);
    assert.deepEqual(
      await view.map(tasks.identity, [1, 2, 3], { chunkSize: 2 }).toArray(),
      [1, 2, 3],
    );
    assert.deepEqual(
      await view
        .starmap(tasks.add, [
          [1, 2],
          [3, 4],
        ])
        .toArray(),
      [3, 7],
    );
    const large = new Float64Array(1e5).fill(1);
    assert.equal(await view.submit(tasks.sum, large), 1e5);
  });

  await check('with gives nothing to shut down', () => {
    assert.equal(pool.with({}).shutdown, undefined);
  });

  await check('later task options override earlier ones and leave the others', async () => {
    const short = pool.with({ timeout: 1, retries: 2 });
    await assert.rejects(short.with({ retries: 1 }).submit(waitForAbort), TimeoutError);
    assert.equal(await short.with({ timeout: 60_000 }).submit(tasks.later, 1, 100), 1);
    assert.equal(await short.with({ timeout: Infinity }).submit(tasks.later, 1, 100), 1);
  });

  await check('with a signal that is aborted already the future is cancelled at once', async () => {
    const reason = new Error('too late');
    const future = pool.with({ signal: AbortSignal.abort(reason) }).submit(tasks.add, 1, 2);
    assert.equal(future.state, 'cancelled');
    await assert.rejects(
      future,
      (error) => error instanceof CancelledError && error.cause === reason,
    );
  });

  // mpi4py: `with({ signal, timeout, retries })`
  await check('an abort cancels what is queued, with the reason as cause', async () => {
    const controller = new AbortController();
    const release = await occupy();
    const view = pool.with({ signal: controller.signal });
    const futures = Array.from({ length: 100 }, () => view.submit(tasks.later, 1, 1));
    const other = pool.submit(tasks.identity, 'other');
    await turn();
    controller.abort('enough');
    assert.ok(futures.every((future) => future.state === 'cancelled'));
    await assert.rejects(futures[0], { code: 'ERR_CANCELLED', cause: 'enough' });
    await release();
    assert.equal(await other, 'other');
  });

  await check('a task that runs sees the abort, and ends as it likes', async () => {
    const controller = new AbortController();
    const future = pool.with({ signal: controller.signal }).submit(waitForAbort);
    await begun(future);
    controller.abort(new RangeError('enough'));
    const { aborted, reason } = await future;
    assert.equal(aborted, true);
    assert.ok(reason instanceof RangeError && reason.message === 'enough');
  });

  await check('what cannot travel of a reason is left out, and the rest arrives', async () => {
    const controller = new AbortController();
    const future = pool.with({ signal: controller.signal }).submit(waitForAbort);
    const cause = new TypeError('why');
    const why = Object.assign(new RangeError('enough', { cause }), {
      limit: 3,
      memo: new WeakMap(),
    });
    await begun(future);
    controller.abort(why);
    const { reason } = await future;
    assert.ok(reason instanceof RangeError && reason.cause instanceof TypeError);
    assert.equal(reason.limit, 3);
    assert.ok(!('memo' in reason));
  });

  await check('an abort without reason arrives as an AbortError', async () => {
    const controller = new AbortController();
    const future = pool.with({ signal: controller.signal }).submit(waitForAbort);
    await begun(future);
    controller.abort();
    const { reason } = await future;
    assert.ok(reason instanceof DOMException);
    assert.equal(reason.name, 'AbortError');
  });

  await check('a task that was sent and has not started does not run', async () => {
    await Promise.all(Array.from({ length: 2000 }, () => pool.submit(maybeLong, 0)));
    const controller = new AbortController();
    const release = await occupy(maybeLong);
    const view = pool.with({ signal: controller.signal });
    const futures = Array.from({ length: 10 }, () => view.submit(maybeLong, 0));
    await turn();
    controller.abort('enough');
    for (const future of futures) await assert.rejects(future, { cause: 'enough' });
    assert.ok(futures.every((future) => future.cancelled()));
    await release();
    assert.equal(await pool.submit(maybeLong, 0), 0);
  });

  await check('an abort of one task is not seen by the next', async () => {
    const controller = new AbortController();
    const view = pool.with({ signal: controller.signal });
    const aborted = [0, 1].map(() => view.submit(waitForAbort));
    await Promise.all(aborted.map(begun));
    controller.abort();
    const next = [0, 1, 2, 3].map(() => pool.submit(waitForAbort, 20));
    await Promise.allSettled(aborted);
    assert.ok((await Promise.all(next)).every((seen) => !seen.aborted));
  });

  await check('every task has a signal, also one without options', async () => {
    assert.deepEqual(await pool.submit(signalState), [true, false, true]);
  });

  await check('taskSignal throws a UsageError where no task runs', async () => {
    assert.throws(() => taskSignal(), { name: 'UsageError', code: 'ERR_USAGE' });
    await Promise.all(Array.from({ length: 10 }, () => pool.submit(leaveTimer)));
    let seen = [];
    for (const end = Date.now() + 60_000; !seen.some(Boolean) && Date.now() < end; await pause(10))
      seen = await Promise.all(Array.from({ length: 10 }, () => pool.submit(whatTimerSaid)));
    assert.ok(seen.every((code) => code === undefined || code === 'ERR_USAGE'));
    assert.ok(seen.includes('ERR_USAGE'));
  });

  await check(
    'tasks that share a signal share one listener, which goes with the last of them',
    async () => {
      const { signal } = new AbortController();
      const view = pool.with({ signal });
      const futures = Array.from({ length: 1000 }, (_, i) => view.submit(tasks.later, i, 1));
      assert.equal(getEventListeners(signal, 'abort').length, 1);
      await Promise.all(futures);
      assert.equal(getEventListeners(signal, 'abort').length, 0);
      assert.deepEqual(warnings, []);
    },
  );

  await check('a task that takes longer than its timeout fails with a TimeoutError', async () => {
    const future = pool.with({ timeout: 50 }).submit(waitForAbort);
    await assert.rejects(future, { name: 'TimeoutError', code: 'ERR_TIMEOUT', message: /50 ms/ });
    assert.equal(future.state, 'rejected');
  });

  await check('a task that computes without a pause fails in time too', async () => {
    const file = newFile();
    const view = pool.with({ timeout: 50, killAfter: Infinity });
    await assert.rejects(view.submit(computeUntil, file), TimeoutError);
    make(file);
  });

  await check('the signal of a task is aborted with its timeout', async () => {
    const file = newFile();
    const view = pool.with({ timeout: 100, killAfter: Infinity });
    await assert.rejects(view.submit(noteAbort, file), TimeoutError);
    await tasks.passed(file);
    assert.equal(readFileSync(file, 'utf8'), 'TimeoutError ERR_TIMEOUT true');
  });

  // mpi4py: `with({ signal, timeout, retries })`
  await check('the timeout counts from the start and not from submit', async () => {
    const timeout = 2000;
    const release = await occupy();
    const futures = [0, 1, 2, 3].map((i) => pool.with({ timeout }).submit(tasks.identity, i));
    await pause(timeout + 100);
    await release();
    assert.deepEqual(await Promise.all(futures), [0, 1, 2, 3]);
  });

  await check('a late result is dropped and the worker goes on', async () => {
    const file = newFile();
    const view = pool.with({ timeout: 20, killAfter: Infinity });
    const late = [0, 1].map(() => view.submit(tasks.passed, file));
    await Promise.all(late.map((future) => assert.rejects(future, TimeoutError)));
    make(file);
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    assert.deepEqual(await pool.map(tasks.identity, numbers).toArray(), numbers);
  });

  await check('of a chunk that takes too long all results fail', async () => {
    const view = pool.with({ timeout: 1000 });
    const results = view.map(maybeLong, [0, 0, 'abort', 0], { chunkSize: 2 });
    assert.deepEqual([(await results.next()).value, (await results.next()).value], [0, 0]);
    await assert.rejects(results.next(), TimeoutError);
  });

  await check(
    'a task that never ends holds up no other one, and neither shutdown nor the end',
    async () => {
      const view = pool.with({ timeout: 100 });
      const patient = pool.with({ timeout: 60_000 });
      await Promise.all(Array.from({ length: 1000 }, () => patient.submit(maybeLong, 0)));
      const stuck = view.submit(forEver);
      const others = Array.from({ length: 200 }, () => patient.submit(maybeLong, 0));
      await assert.rejects(stuck, TimeoutError);
      assert.ok((await Promise.all(others)).every((result) => result === 0));
      await pool.shutdown();
    },
  );

  rmSync(folder, { recursive: true });
}

/** Writes down what its signal has told it. */
export async function noteAbort(file) {
  const { reason } = await waitForAbort();
  writeFileSync(`${file}.new`, `${reason?.name} ${reason?.code} ${reason instanceof TimeoutError}`);
  renameSync(`${file}.new`, file);
}
