/** Run with --frozen-intrinsics, where nobody can change how many frames the stacks of errors have. */

import { isMain } from 'mpi-futures';
import { PoolExecutor } from './executor.mjs';

const scale = 2;
const work = (x) => x * scale;
const fail = () => {
  throw new RangeError('too far');
};

if (isMain) {
  const pool = new PoolExecutor({ maxWorkers: 1 });
  console.log(await pool.submit(work, 21));
  const error = await pool.submit(fail).exception();
  console.log(error.name, error.message);
  const refused = await pool.submit(work, new WeakMap()).exception();
  console.log(refused.name, refused.code);
  await pool.shutdown();
}
