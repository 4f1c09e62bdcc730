/** 5 GiB in one argument. */

import assert from 'node:assert/strict';
import { PoolExecutor, isMain, move } from 'mpi-futures';
import { check } from './check.mjs';

const gibibytes = 5;
const words = (gibibytes * 2 ** 30) / 8;

/** Some places all over it, the first and the last among them. */
function* places() {
  for (let at = 0; at < words; at += 999_983) yield at;
  yield words - 1;
}

function readAt(numbers) {
  return [numbers.length, [...places()].map((at) => numbers[at])];
}

if (isMain) {
  const pool = new PoolExecutor({ maxWorkers: 1 });

  await check('5 GiB in one argument arrive intact', async () => {
    const numbers = new Float64Array(words);
    for (const at of places()) numbers[at] = at / 3;
    const [length, found] = await pool.submit(readAt, move(numbers));
    assert.equal(length, words);
    assert.deepEqual(found, [...places()].map((at) => at / 3)); // prettier-ignore
  });

  await pool.shutdown();
}
