// One of two workers is held up before it starts MPI (held_up.cjs): the other waits for it in MPI_Init.
import { isMain, PoolExecutor } from 'mpi-futures';

if (isMain) {
  const execArgv = ['--require', new URL('held_up.cjs', import.meta.url).pathname];
  const pool = new PoolExecutor({ maxWorkers: 2, execArgv, bootTimeout: 600_000 });
  console.log('master', process.pid);
  await pool.bootup();
}
