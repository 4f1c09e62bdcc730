/** Spawns what is no worker, for which MPI waits, or workers that end before they have started MPI. */

import { PoolExecutor, isMain } from 'mpi-futures';
import { identity } from './tasks.mjs';

const preload = (code) => ({ execArgv: ['--import', `data:text/javascript,${code}`] });

const causes = {
  ends: { execPath: '/bin/true', bootTimeout: 1500 },
  'ends at once': { execPath: '/bin/true' },
  'has no addon': preload('process.env.MPI_FUTURES_ADDON = "/not/there.node"'),
  // Killed when it has written its first report.
  'is killed': preload(
    'import net from "node:net"; const { write } = net.Socket.prototype;' +
      'net.Socket.prototype.write = function (word) {' +
      'write.call(this, word, () => process.kill(process.pid, "SIGKILL")); }',
  ),
};

if (isMain) {
  const pool = new PoolExecutor({ maxWorkers: 1, ...causes[process.argv[2]] });
  const { code, message } = await pool.submit(identity, 1).exception();
  console.log(`${code}: ${message}`);
  // That spawn never returns, but in Open MPI 5 it may.
  const other = new PoolExecutor({ maxWorkers: 1 });
  const next = await other.submit(identity, 1).exception();
  console.log(`the next: ${next?.code ?? 'a result'}`);
  await pool.shutdown();
  await other.shutdown();
}
