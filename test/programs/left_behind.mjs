/** Tasks leave something behind that throws or exits when they have ended, while other tasks run. */

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { createReadStream } from 'node:fs';
import { isMain } from 'mpi-futures';
import { PoolExecutor } from './executor.mjs';
import { add, later } from './tasks.mjs';

/** Throws in 10 ms; how is asked for. All of them are one function, which is synchronous as far as the pool can know. */
function leave(how, milliseconds = 10) {
  const ways = {
    throws: () => {
      throw new Error('thrown late');
    },
    rejects: () => void Promise.reject(new Error('rejected late')),
    exits: () => process.exit(9),
    emits: () => new EventEmitter().emit('error', new Error('emitted late')),
    reads: () => void createReadStream('/there/is/no/such/file'),
    ticks: () => process.nextTick(ways.throws),
  };
  // These were made while the task ran, so the frames of its call are in their stacks.
  const early = new Error('made early', { cause: new Error('its cause') });
  ways.throwsEarly = () => {
    throw early;
  };
  if (how === 'waits') return new Promise((resolve) => setTimeout(resolve, milliseconds, 'fine'));
  if (how === 'fails') return new Promise(() => setTimeout(ways.throws, 1));
  if (how !== 'nothing') setTimeout(ways[how], milliseconds);
  return how;
}

if (isMain) {
  const pool = new PoolExecutor();
  const both = (...args) => Promise.all([pool.submit(...args), pool.submit(...args)]);
  await both(leave, 'nothing');
  for (const how of ['throws', 'rejects', 'exits', 'emits', 'reads', 'ticks', 'throwsEarly']) {
    await both(leave, how);
    // The same function, now asynchronous on these workers for the first time.
    assert.deepEqual(await both(leave, 'waits', 60), ['fine', 'fine']);
    await both(leave, how, 1);
    const results = await Promise.all([1, 2, 3, 4].map((i) => pool.submit(later, i, 20)));
    assert.deepEqual(results, [1, 2, 3, 4]);
    assert.deepEqual(await both(add, 1, 2), [3, 3]);
  }
  // Sent together, so that the task that leaves something behind runs right before the one that waits.
  const together = [1, 2, 3, 4].flatMap(() => [pool.submit(leave, 'throws'), pool.submit(leave, 'waits', 60)]); // prettier-ignore
  assert.equal((await Promise.all(together)).filter((each) => each === 'fine').length, 4);
  // An error that a task itself has caused makes it fail.
  await assert.rejects(pool.submit(leave, 'fails'), { message: 'thrown late' });
  console.log('all is well');
  await pool.shutdown();
}
