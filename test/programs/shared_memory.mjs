/** Says which files of shared memory it has, when its pool has worked. */

import { readFileSync } from 'node:fs';
import { isMain } from 'mpi-futures';
import { PoolExecutor } from './executor.mjs';
import { identity } from './tasks.mjs';

if (isMain) {
  const pool = new PoolExecutor();
  await pool.submit(identity, 1);
  const maps = readFileSync('/proc/self/maps', 'utf8');
  for (const [, file] of maps.matchAll(/ (\/dev\/shm\/.+?)(?: \(deleted\))?$/gm)) console.log(file);
  await pool.shutdown();
}
