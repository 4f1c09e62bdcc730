/** Keeps its workers computing until somebody ends it; prints their process ids once they do. */

import { PoolExecutor, isMain } from 'mpi-futures';
import { busy, later, pid } from './tasks.mjs';

if (isMain) {
  if (process.argv[2] === 'handles SIGINT') process.on('SIGINT', () => process.exit(130));
  console.log('starting');
  const pool = await new PoolExecutor().bootup();
  const pids = await Promise.all(Array.from({ length: 8 }, () => pool.submit(slowPid)));
  for (let i = 0; i < 10; i++) void pool.submit(busy, 3_600_000);
  console.log(`working ${JSON.stringify([...new Set(pids)])}`);
}

export function slowPid() {
  return later(pid(), 20);
}
