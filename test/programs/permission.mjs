/** Run where the inspector is refused: functions have to be named. */

import { defineTask, isMain } from 'mpi-futures';
import { PoolExecutor } from './executor.mjs';

const scale = 2;
export const work = (x) => x * scale;
export default function plus(x) {
  return x + scale;
}

if (isMain) {
  const pool = new PoolExecutor();
  const print = async (name, fn, ...args) => {
    const [result, code] = await pool.submit(fn, ...args).then(
      (result) => [JSON.stringify(result), 'ok'],
      (error) => [error.message, error.code],
    );
    console.log(`${name}: ${code}: ${result}`);
  };
  const task = defineTask(import.meta, 'work');
  await print('task', task, 21);
  await print('default', defineTask(import.meta, 'default'), 40);
  console.log(`map: ${JSON.stringify(await pool.map(task, [1, 2, 3]).toArray())}`);
  await print('missing', defineTask(import.meta, 'nothing'), 1);
  await print('inline', (x) => x, 1);
  await print('exported', work, 1);
  await print('task again', task, 1);
  await pool.shutdown();
}
