// Its thread is held up: see held_up.cjs.
import { isMain, ThreadPoolExecutor } from 'mpi-futures';
import { add } from './tasks.mjs';

if (isMain) {
  const execArgv = ['--require', new URL('held_up.cjs', import.meta.url).pathname];
  const pool = new ThreadPoolExecutor({ execArgv });
  console.log('answer', await pool.submit(add, 40, 2));
  await pool.shutdown();
}
