/** A second test file of the same process: it has a realm and a copy of every module of its own, and there is one MPI. */

import { jest } from '@jest/globals';
import { PoolExecutor } from 'mpi-futures';
import { COMM_SELF } from 'mpi-futures/mpi';
import * as helper from './helper.mjs';

jest.setTimeout(60_000);

test('has a pool of its own', async () => {
  const pool = new PoolExecutor({ maxWorkers: 1 });
  const k = 2;
  expect(await pool.map((x) => helper.times(x) * k, [1, 2, 3]).toArray()).toEqual([10, 20, 30]);
  expect(await COMM_SELF.allreduce(5)).toBe(5);
  await pool.shutdown();
});
