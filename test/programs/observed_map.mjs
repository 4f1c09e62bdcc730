/**
 * A map whose sum is printed, whatever happens to what is said about it. Argument: `leave`, without a shutdown of the pool; `label`,
 * with one of wide characters.
 */

import { isMain } from 'mpi-futures';
import { PoolExecutor } from './executor.mjs';
import * as tasks from './tasks.mjs';

if (isMain) {
  const pool = await new PoolExecutor().bootup(); // threads start one by one
  const how = process.argv[2];
  const options = { chunkSize: 3, ...(how === 'label' && { progress: '模拟计算' }) };
  let sum = 0;
  for await (const value of pool.map(tasks.identity, Array(300).fill(2), options)) sum += value;
  console.log(`the sum is ${sum}`);
  if (how === 'leave') process.exit();
  await pool.shutdown();
}
