/** Nobody keeps what has been handed over: neither the iterator or future that gave it, nor the pool. */

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';
import { asCompleted, collect, compose, isMain, taskSignal, wait } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';

v8.setFlagsFromString('--expose-gc');
const collectGarbage = vm.runInNewContext('gc');

const big = (i) => ({ i, data: new Array(1000).fill(i) });

/** In milliseconds: how long what is left over may take, as a worker that has its last task still to do. */
const patience = 60_000;

/** Returns when all is gone; fails with the numbers of what is not. */
async function gone(references) {
  for (const end = performance.now() + patience; performance.now() < end;) {
    await pause(5);
    collectGarbage();
    if (references.every((reference) => reference.deref() === undefined)) return;
  }
  const kept = [...references.keys()].filter((i) => references[i].deref() !== undefined);
  assert.fail(`kept: ${kept.join()}`);
}

/** Takes `count` of what `iterator` has, which then goes on existing. */
async function taken(iterator, count) {
  const references = [];
  for (let i = 0; i < count; i++) references.push(new WeakRef((await iterator.next()).value));
  return references;
}

if (isMain) {
  const pool = new PoolExecutor();
  const ten = Array.from({ length: 10 }, (_, i) => i);
  const submitted = (count) => Array.from({ length: count }, (_, i) => pool.submit(big, i));

  await check('map', async () => {
    for (const options of [{}, { unordered: true }, { chunkSize: 5 }, { bufferSize: 4 }, { timeout: 1e6 }]) {
      const results = pool.map(big, ten, options);
      await gone(await taken(results, 3));
      await gone(await taken(results, 4));
      assert.equal((await results.toArray()).length, 3);
      assert.deepEqual(await results.next(), { done: true, value: undefined });
    } // prettier-ignore
  });
  await check('starmap, and what is asked for before it is there', async () => {
    const results = pool.starmap(big, ten.map((i) => [i])); // prettier-ignore
    await gone((await Promise.all([1, 2, 3].map(() => results.next()))).map(({ value }) => new WeakRef(value)));
    await gone((await results.toArray()).map((value) => new WeakRef(value)));
  }); // prettier-ignore
  await check('a map that was left, by break or by a failure', async () => {
    const left = async () => {
      const references = [];
      for await (const result of pool.map(big, ten)) {
        references.push(new WeakRef(result));
        if (references.length === 3) break;
      }
      return references;
    };
    await gone(await left());
    const failing = pool.map((i) => (i === 2 ? null.x : { i }), ten, { unordered: true });
    await assert.rejects(failing.toArray(), TypeError);
    const slow = pool.map(async (i) => ({ i }), ten, { unordered: true });
    const first = await taken(slow, 1);
    await slow.return();
    await gone(first);
    assert.equal((await failing.next()).done && (await slow.next()).done, true);
  });
  await check('the sources and the function of a map that has read all', async () => {
    const begun = () => {
      const source = ten.map((i) => ({ i }));
      const captured = { one: 1 };
      const references = [captured, source].map((each) => new WeakRef(each));
      return { references, results: pool.map((x) => x.i + captured.one, source) };
    };
    const { references, results } = begun();
    const all = await results.toArray();
    assert.equal(all.length, 10);
    await gone(references);
    assert.equal((await results.next()).done, true);
  });
  await check('futures, from submit to the result', async () => {
    const references = submitted(8).map((future) => new WeakRef(future));
    await pool.submit(big, 0);
    await gone(references);
    await gone((await collect(submitted(8))).map((value) => new WeakRef(value)));
  });
  await check('asCompleted', async () => {
    const done = async () => {
      const futures = submitted(8);
      await wait(futures);
      return asCompleted(futures);
    };
    const looked = async (iterator) => {
      await gone(await taken(iterator, 4));
      await gone(await taken(iterator, 3));
      await iterator.return();
      assert.equal((await iterator.next()).done, true);
    };
    await looked(await done());
    await looked(asCompleted(submitted(8), { timeout: 1e6 }));
  });
  await check('wait, collect, compose and done callbacks, when they have what they waited for', async () => {
    // A task that does not end meanwhile would keep them in memory, if anything did.
    const end = new AbortController();
    const untilAborted = () =>
      new Promise((resolve) => {
        const alive = setInterval(() => undefined, 1000);
        taskSignal().addEventListener('abort', () => resolve(clearInterval(alive)));
      });
    const endless = pool.with({ signal: end.signal }).submit(untilAborted);
    while (!endless.running()) await pause(1);
    const use = async () => {
      const futures = submitted(4);
      await wait([...futures, endless], { returnWhen: 'FIRST_COMPLETED' });
      await wait([...futures, endless], { timeout: 1 });
      const failing = pool.submit(() => null.x);
      await collect([...futures, failing, endless]).catch(() => undefined);
      const composed = compose(futures[0], (value) => ({ value }));
      const again = compose(composed, () => futures[1]);
      await new Promise((resolve) => futures[1].addDoneCallback(resolve));
      const all = [...futures, failing, composed, again, await composed, await again];
      return all.map((each) => new WeakRef(each));
    };
    await gone(await use());
    assert.equal(endless.done(), false);
    end.abort();
    // A task that was sent but not begun is cancelled by the abort; one that has begun returns. Both are fine.
    await wait([endless]);
  }); // prettier-ignore
  await check('signals, time limits and retries that outlive their tasks', async () => {
    const { signal } = new AbortController();
    const limited = pool.with({ signal, timeout: 1e6, retries: 1 });
    const use = async () => {
      const futures = Array.from({ length: 4 }, (_, i) => limited.submit(big, i));
      const values = await collect(futures);
      await futures[0].result({ signal, timeout: 1e6 });
      const results = pool.map(big, ten, { signal, timeout: 1e6 });
      const mapped = await results.toArray();
      return [...futures, ...values, results, ...mapped].map((each) => new WeakRef(each));
    };
    await gone(await use());
    assert.equal(signal.aborted, false);
  });
  await check('a worker keeps neither arguments nor results', async () => {
    const remember = (value) => {
      const result = { value };
      (globalThis.references ??= []).push(new WeakRef(value), new WeakRef(result));
      return result;
    };
    const later = async (value) => remember(value);
    for (let i = 0; i < 4; i++) await collect([pool.submit(remember, { i }), pool.submit(later, { i })]);
    const kept = async () => {
      const v8 = await import('node:v8');
      const vm = await import('node:vm');
      v8.setFlagsFromString('--expose-gc');
      const gc = vm.runInNewContext('gc');
      for (const end = performance.now() + patience; performance.now() < end;) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        gc();
        if ((globalThis.references ?? []).every((each) => each.deref() === undefined)) return 0;
      }
      return globalThis.references.filter((each) => each.deref() !== undefined).length;
    };
    assert.deepEqual(await collect([pool.submit(kept), pool.submit(kept)]), [0, 0]);
  }); // prettier-ignore

  await check('functions that new Function has made, here and on the workers', async () => {
    const size = 1 << 20;
    const many = 40;
    const made = (i) => new Function('x', `return x + ('${'y'.repeat(size)}${i}', 1)`);
    const heapUsed = async () => {
      const v8 = await import('node:v8');
      const vm = await import('node:vm');
      v8.setFlagsFromString('--expose-gc');
      v8.setFlagsFromString('--no-compilation-cache'); // in which V8 itself keeps what new Function has compiled
      vm.runInNewContext('gc')();
      return process.memoryUsage().heapUsed;
    };
    // The workers hear of what is out of use with the next message.
    const used = async () => [await heapUsed(), ...(await collect([pool.submit(heapUsed), pool.submit(heapUsed)]))];
    const first = await used();
    for (let i = 0; i < many; i++) {
      assert.equal(await pool.submit(made(i), i), i + 1);
      const inside = made(-i);
      assert.equal(await pool.submit((fn, x) => fn(x), inside, i), i + 1);
      assert.deepEqual(await pool.map((x) => inside(x), [i, i]).toArray(), [i + 1, i + 1]);
    }
    let grown;
    for (const end = performance.now() + patience; performance.now() < end;) {
      grown = (await used()).map((now, at) => now - first[at]);
      if (grown.every((each) => each < (many * size) / 2)) return;
      await pause(5);
    }
    assert.fail(`bytes more than before: ${grown.join()}`);
  }); // prettier-ignore

  await pool.shutdown();
}
