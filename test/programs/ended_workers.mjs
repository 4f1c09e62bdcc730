/** Workers that the pool itself ends and replaces: those of tasks that do not end, and those that have done enough. */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { collect, compose, isMain, taskSignal } from 'mpi-futures';
import { newFile, tellBegun, whenBegun } from './begun.mjs';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import { add, busy, identity } from './tasks.mjs';

/** Another one on each worker, also on one that takes the place of another. */
function incarnation() {
  return (globalThis.incarnation ??= randomUUID());
}

/** @param file - made when the task has begun */
function forEver(file) {
  tellBegun(file);
  for (;;);
}

/** @param file - made when the task has begun */
function short(milliseconds, file) {
  tellBegun(file);
  busy(milliseconds);
  return incarnation();
}

/** Until its tasks are expected to be short, and so their results are sent together. */
async function usuallyShort(pool) {
  await Promise.all(Array.from({ length: 500 }, () => pool.submit(short, 0)));
}

function busyUntil(file) {
  while (!existsSync(file));
}

/** Waits for its signal, and says how it was told. */
async function untilAborted(file) {
  tellBegun(file);
  const signal = taskSignal();
  while (!signal.aborted) await pause(5);
  return [incarnation(), signal.reason.code ?? signal.reason];
}

async function writesLater(file) {
  tellBegun(file);
  await pause(200);
  return 'later';
}

/** Returns, and then keeps the thread from reading messages. */
function blockLater(milliseconds) {
  setTimeout(busy, 20, milliseconds);
}

function count() {
  globalThis.counted = (globalThis.counted ?? 0) + 1;
  return [incarnation(), globalThis.counted, globalThis.initialized];
}

function initialize() {
  globalThis.initialized = 'yes';
}

/** Keeps 8 MB. */
function keep(i) {
  (globalThis.kept ??= []).push(new Array(1 << 20).fill(i));
  return [incarnation(), i];
}

/** As many as there are in the pool at present: with one worker it is that one. */
async function isReplaced(pool, before) {
  assert.notEqual(await pool.submit(incarnation), before);
  assert.equal(pool.numWorkers, 1);
}

if (isMain) {
  const one = await new PoolExecutor({ maxWorkers: 1 }).bootup();
  /** Submits `fn`, and resolves to its future, in a list, when it has begun. */
  const begun = (pool, fn) => whenBegun((file) => pool.submit(fn, file));

  await check('a wrong option is an error that names it', async () => {
    const typeError = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
    const rangeError = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
    assert.throws(() => one.with({ kill: 1 }), { ...typeError, message: /boolean for kill.* 1/ });
    assert.throws(() => one.with({ killAfter: '1 s' }), { ...typeError, message: /killAfter/ });
    assert.throws(() => one.with({ killAfter: -1 }), { ...rangeError, message: /killAfter.*-1/ });
    assert.throws(() => one.with({ killafter: 1 }), { message: /did you mean killAfter\?/ });
    const future = one.submit(identity, 1);
    assert.throws(() => future.cancel({ kill: 1 }), { ...typeError, message: /boolean for kill/ });
    assert.throws(() => future.cancel({ kill: true, killAfter: NaN }), rangeError);
    assert.throws(() => future.cancel({ kill: true, after: 1 }), { code: 'ERR_UNKNOWN_OPTION' });
    assert.equal(await future, 1);
    await assert.rejects(one.shutdown({ killAfter: null }), { ...typeError, message: /killAfter/ });
    await assert.rejects(one.shutdown({ timeout: 1 }), { message: /did you mean killAfter\?/ });
    for (const maxTasksPerWorker of [0, 1.5, -1, NaN])
      assert.throws(() => new PoolExecutor({ maxTasksPerWorker }), rangeError);
    assert.throws(() => new PoolExecutor({ maxTasksPerWorker: '5' }), typeError);
    assert.throws(() => new PoolExecutor({ max_tasks_per_child: 5 }), /did you mean maxTasks/);
    assert.throws(() => new PoolExecutor({ maxMemory: 512 }), {
      ...rangeError,
      message: /at least 16777216 \(16 MiB\), for maxMemory but received 512/,
    });
    assert.throws(() => new PoolExecutor({ maxMemory: '1 GB' }), typeError);
  });

  await check('a task that never ends costs its own time only, however often', async () => {
    const hasty = one.with({ timeout: 20, killAfter: 20 });
    for (let round = 0; round < 5; round++) {
      const before = await one.submit(incarnation);
      const stuck = hasty.submit(forEver);
      const others = Array.from({ length: 20 }, (_, i) => one.submit(identity, i));
      await assert.rejects(stuck, { code: 'ERR_TIMEOUT' });
      assert.deepEqual(await Promise.all(others), [...others.keys()]);
      await isReplaced(one, before);
    }
    assert.equal(one.stats().lost, 0);
  });

  await check('its signal comes first: a task that ends in time keeps its worker', async () => {
    const before = await one.submit(incarnation);
    const told = one.with({ timeout: 20, killAfter: 60_000 }).submit(untilAborted);
    await assert.rejects(told, { code: 'ERR_TIMEOUT' });
    assert.equal(await one.submit(incarnation), before);
  });

  await check('with killAfter Infinity no worker is ended', async () => {
    const before = await one.submit(incarnation);
    const file = newFile();
    const late = one.with({ timeout: 10, killAfter: Infinity }).submit(busyUntil, file);
    await assert.rejects(late, { code: 'ERR_TIMEOUT' });
    writeFileSync(file, '');
    assert.equal(await one.submit(incarnation), before);
  });

  await check('cancel with kill: the future at once, the worker after killAfter', async () => {
    for (const killAfter of [0, 50]) {
      const before = await one.submit(incarnation);
      const [stuck] = await begun(one, forEver);
      assert.equal(stuck.cancel(), false);
      assert.equal(stuck.cancel({ kill: true, killAfter, reason: 'enough' }), true);
      assert.equal(stuck.cancelled(), true);
      await assert.rejects(stuck, { code: 'ERR_CANCELLED', cause: 'enough' });
      await isReplaced(one, before);
    }
  });

  await check(
    'its signal has the reason, and a task that ends by it keeps its worker',
    async () => {
      globalThis.seen = undefined;
      const notes = async (file) => {
        globalThis.seen = await untilAborted(file);
      };
      for (const reason of [undefined, 'enough']) {
        const [told] = await begun(one, notes);
        assert.equal(told.cancel({ kill: true, killAfter: 60_000, reason }), true);
        const [seenBy, seen] = await one.submit(() => globalThis.seen);
        assert.equal(seenBy, await one.submit(incarnation));
        assert.equal(seen, reason ?? 'ERR_CANCELLED');
      }
    },
  );

  await check('cancel with kill of what waits, is done, or is no kill', async () => {
    const [first] = await begun(one, writesLater);
    const second = one.submit(identity, 2);
    assert.equal(first.cancel({ kill: false, reason: 1 }), false);
    assert.equal(second.cancel({ kill: true }), true);
    assert.equal(await first, 'later');
    assert.equal(first.cancel({ kill: true }), false);
    // No plain object: it is the reason.
    const third = one.submit(identity, 3);
    const reason = Object.assign(new Error('why'), { kill: true });
    third.cancel(reason);
    await assert.rejects(third, { cause: reason });
  });

  await check('tasks that were sent behind one that is killed run, without retries', async () => {
    const before = await one.submit(incarnation);
    const maybe = (file) => (file === undefined ? incarnation() : forEver(file));
    await Promise.all(Array.from({ length: 500 }, () => one.submit(maybe)));
    const stuck = begun(one, maybe);
    const others = [1, 2, 3].map(() => one.submit(maybe));
    const [first] = await stuck;
    first.cancel({ kill: true, killAfter: 0 });
    for (const other of others) assert.notEqual(await other, before);
  });

  await check(
    'a task is not killed for the one before it, whose result is not here yet',
    async () => {
      let before, first, second;
      // It counts as running: the worker sends the results of short tasks together, but where the machine is slow.
      do {
        await usuallyShort(one);
        before = await one.submit(incarnation);
        first = one.submit(short, 0);
        [second] = await whenBegun((file) => one.submit(short, 200, file));
      } while (!first.cancel({ kill: true, killAfter: 0 }));
      assert.equal(await second, before);
      assert.equal(one.stats().lost, 0);
    },
  );

  await check('a task that is killed gives back large ones that were sent behind it', async () => {
    const size = 1 << 20;
    const endsOnce = (file) =>
      typeof file === 'string' && file.length < 999 ? forEver(file) : file.length;
    await one.submit(endsOnce, new Uint8Array(size));
    const [[stuck, ...others]] = await whenBegun((file) =>
      [file, new Uint8Array(size), 'x'.repeat(size), [1]].map((value) =>
        one.submit(endsOnce, value),
      ),
    );
    assert.equal(stuck.cancel({ kill: true, killAfter: 0 }), true);
    assert.deepEqual(await Promise.all(others), [size, size, 1]);
  });

  await check('a task that does not let the result before it go is killed', async () => {
    let error;
    // Where the machine was slow at the wrong moment it had let that result go.
    do {
      await usuallyShort(one);
      const before = await one.submit(incarnation);
      const [[first, stuck, last]] = await whenBegun((file) => [
        one.submit(short, 0),
        one.submit(short, Infinity, file),
        one.submit(short, 0),
      ]);
      assert.equal(stuck.cancel({ kill: true, killAfter: 0 }), true);
      assert.notEqual(await last, before);
      error = await first.exception();
    } while (!error);
    assert.equal(error.code, 'ERR_WORKER_LOST');
  });

  await check('the abort of a signal with kill, also through collect and compose', async () => {
    const controller = new AbortController();
    const view = one.with({ signal: controller.signal, kill: true, killAfter: 10 });
    const before = await one.submit(incarnation);
    const [stuck] = await begun(view, forEver);
    controller.abort('enough');
    await assert.rejects(stuck, { code: 'ERR_CANCELLED', cause: 'enough' });
    await isReplaced(one, before);
    for (const made of [(future) => collect([future]), (future) => compose(future)]) {
      const [again] = await begun(one, forEver);
      const whole = made(again);
      assert.equal(whole.cancel({ kill: true, killAfter: 0, reason: 'all' }), true);
      await assert.rejects(again, { code: 'ERR_CANCELLED', cause: 'all' });
    }
    assert.equal(await one.submit(add, 1, 2), 3);
  });

  await check('after maxTasksPerWorker tasks a worker is replaced, and none is lost', async () => {
    const pool = new PoolExecutor({
      maxWorkers: 2,
      maxTasksPerWorker: 20,
      initializer: initialize,
    });
    const seen = await Promise.all(Array.from({ length: 110 }, () => pool.submit(count)));
    const most = new Map();
    for (const [worker, nth, initialized] of seen) {
      assert.equal(initialized, 'yes');
      most.set(worker, Math.max(nth, most.get(worker) ?? 0));
    }
    assert.ok([...most.values()].every((tasks) => tasks <= 20));
    assert.equal(
      [...most.values()].reduce((a, b) => a + b),
      110,
    );
    assert.ok(most.size >= 6);
    assert.deepEqual([pool.stats().done, pool.stats().lost], [110, 0]);
    await pool.shutdown();
  });

  await check('a worker with more than maxMemory is replaced, and none is lost', async () => {
    const pool = new PoolExecutor({ maxWorkers: 2, maxMemory: 2 ** 27 });
    const seen = await Promise.all(Array.from({ length: 60 }, (_, i) => pool.submit(keep, i)));
    assert.deepEqual(seen.map(([, i]) => i), [...seen.keys()]); // prettier-ignore
    assert.ok(new Set(seen.map(([worker]) => worker)).size > 2);
    assert.equal(pool.stats().lost, 0);
    await pool.shutdown();
  });

  async function endsAll(end) {
    const pool = new PoolExecutor({ maxWorkers: 2 });
    const careful = pool.with({ retries: 3 });
    const stuck = (await Promise.all([1, 2].map(() => begun(careful, forEver)))).flat();
    const waiting = Array.from({ length: 10 }, () => careful.submit(forEver));
    await end(pool);
    assert.ok([...stuck, ...waiting].every((future) => future.done()));
    for (const future of stuck)
      await assert.rejects(future, { code: 'ERR_WORKER_LOST', reason: /shut down/ });
    assert.ok(waiting.every((future) => future.cancelled()));
    assert.equal(pool.numWorkers, 0);
    assert.throws(() => pool.submit(identity, 1), { code: 'ERR_EXECUTOR_SHUTDOWN' });
    await end(pool);
  }

  await check('killWorkers ends a pool whose tasks never would', async () => {
    await endsAll((pool) => pool.killWorkers());
  });

  await check(
    'killWorkers does not cancel a task that runs, though its worker is not at it yet',
    async () => {
      const pool = await new PoolExecutor({ maxWorkers: 1 }).bootup();
      await pool.submit(blockLater, 300);
      const future = pool.submit(forEver);
      await pause(100);
      const wasRunning = future.running();
      await pool.killWorkers();
      const error = await future.exception().catch((cancelled) => cancelled);
      assert.equal(
        error.code,
        wasRunning || !future.cancelled() ? 'ERR_WORKER_LOST' : 'ERR_CANCELLED',
      );
    },
  );

  await check('terminateWorkers ends a pool whose tasks never would', async () => {
    await endsAll((pool) => pool.terminateWorkers());
  });

  await check('shutdown with killAfter ends a pool whose tasks never would', async () => {
    await endsAll((pool) => pool.shutdown({ cancelFutures: true, killAfter: 20 }));
    await endsAll((pool) => pool.shutdown({ killAfter: 20 }));
  });

  await check('terminateWorkers tells the tasks first, which may end by themselves', async () => {
    const pool = await new PoolExecutor({ maxWorkers: 1 }).bootup();
    const [told] = await begun(pool, untilAborted);
    const ended = pool.shutdown({ cancelFutures: true, killAfter: 60_000 });
    assert.equal((await told)[1], 'ERR_EXECUTOR_SHUTDOWN');
    await ended;
    const idle = await new PoolExecutor({ maxWorkers: 1 }).bootup();
    await idle.terminateWorkers();
    await new PoolExecutor().killWorkers(); // it was never used
  });

  await check('killWorkers while an initializer never returns', async () => {
    const pool = new PoolExecutor({ maxWorkers: 1, initializer: forEver });
    const future = pool.submit(identity, 1);
    pool.bootup().catch(() => undefined);
    await pause(300);
    await pool.killWorkers();
    // Where the worker itself takes longer to start, the task was still waiting.
    await assert.rejects(future, ({ code }) => /^ERR_(WORKER_LOST|CANCELLED)$/.test(code));
  });

  await one.shutdown();
}
