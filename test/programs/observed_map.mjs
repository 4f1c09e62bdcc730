/** A map whose sum is printed, whatever happens to what is said about it. */

import { isMain } from 'mpi-futures';
import { PoolExecutor } from './executor.mjs';
import * as tasks from './tasks.mjs';

if (isMain) {
  const pool = await new PoolExecutor().bootup(); // threads start one by one
  let sum = 0;
  for await (const value of pool.map(tasks.identity, Array(300).fill(2), { chunkSize: 3 }))
    sum += value;
  console.log(`the sum is ${sum}`);
  await pool.shutdown();
}
