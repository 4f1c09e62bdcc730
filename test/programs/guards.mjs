/** Asks in the way that it is told whether it is the program, and awaits at the top level. */

import { fileURLToPath } from 'node:url';
import { isMain } from 'mpi-futures';
import { PoolExecutor } from './executor.mjs';

const scale = 2;
const awaited = await new Promise((resolve) => setImmediate(resolve, 10));
const guards = {
  isMain,
  'import.meta.main': import.meta.main,
  'process.argv[1]': process.argv[1] === fileURLToPath(import.meta.url),
};
const guard = guards[process.argv[2]];

if (guard) {
  const pool = new PoolExecutor({ main: process.argv[3] === 'main' ? true : undefined });
  const results = [(x) => x * scale + awaited, () => guards].map((fn) => pool.submit(fn, 16));
  const [value, there] = await Promise.all(results);
  console.log(
    value,
    Object.values(there).every((is) => !is),
  );
}
