/** What a program does with its results may take longer than the next result: its event loop still has its turns. */

import assert from 'node:assert/strict';
import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { onThreads, PoolExecutor } from './executor.mjs';

const STREAMS = 4;
const RESULTS = 120;

/**
 * Whatever is under way may have come each time that it is taken: by the rings' pipe and by the MPI thread's hop; with threads twice from
 * the port of each of the two, at its event and after all events.
 */
const MOST = (onThreads ? 4 : 2) * STREAMS;

const sizeOf = (bytes) => bytes.length;

/** Longer than it takes for the next result to come, as the copy of a large argument. */
function computeFor(milliseconds) {
  for (const end = performance.now() + milliseconds; performance.now() < end;);
}

/** The largest number of results in one turn of the event loop. */
async function mostInOneTurn(pool, bytes) {
  let results = 0;
  let inTurn = 0;
  let most = 0;
  const turn = () => {
    inTurn = 0;
    if (results < RESULTS) setImmediate(turn);
  };
  turn();
  const stream = async () => {
    while (results < RESULTS) {
      assert.equal(await pool.submit(sizeOf, bytes), bytes.length);
      results++;
      most = Math.max(most, ++inTurn);
      computeFor(5);
    }
  };
  await Promise.all(Array.from({ length: STREAMS }, stream));
  return most;
}

if (isMain) {
  const pool = new PoolExecutor({ maxWorkers: 2 });

  const expectFew = async (size) => {
    const most = await mostInOneTurn(pool, new Uint8Array(size));
    assert.ok(most <= MOST, `${most} results in one turn`);
  };
  await check('a turn has few results of small tasks', () => expectFew(0));
  await check('a turn has few results of tasks with 100 KB', () => expectFew(100_000));
  await check('a turn has few results of tasks with 4 MB', () => expectFew(4_000_000));

  await pool.shutdown();
}
