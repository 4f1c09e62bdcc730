/** Tasks of which one answers with a large value, the next with a small one, and the third ends their worker. */

import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { die } from './dying.mjs';
import { busy } from './tasks.mjs';

/** One function for all tasks: its calls are sent ahead once it has been short often enough. */
function act(role, folder, program, size) {
  if (role === undefined) return busy(0.2);
  appendFileSync(`${folder}/log`, `${role} `);
  const isFirst = !existsSync(`${folder}/died`);
  if (role === 'deadly' && isFirst) {
    writeFileSync(`${folder}/died`, '');
    busy(100); // the results leave meanwhile
    die();
  }
  if (size !== undefined && isFirst) process.kill(program, 'SIGSTOP');
  busy(role === 'early' ? 3 : 6); // longer than a result is held back
  switch (role) {
    case 'text':
      return 'x'.repeat(size);
    case 'array':
      return new Uint8Array(size);
    case 'function':
      return (globalThis.longFunction = new Function(`return '${'x'.repeat(size)}'`));
    case 'same function':
      return globalThis.longFunction; // its definition was sent before
    default:
      return role;
  }
}

/** Lets this process go on when the worker has died, or after 5 seconds. */
function goOnAfterDeath(folder) {
  const script = `for i in $(seq 50); do sleep 0.1; test -e ${folder}/died && break; done; sleep 0.3; kill -CONT ${process.pid}`;
  // Detached: MPICH's mpiexec sends a signal to the group of a rank when another one dies.
  const child = spawn('sh', ['-c', script], { detached: true, stdio: 'ignore' });
  child.unref();
  return child;
}

/**
 * Runs the three on the only worker of the pool. This process is stopped before it has received the large value, until the worker
 * has died. Gives the outcomes of the three tasks, and the names of those that have run.
 *
 * @param folder - in which it makes a folder
 * @param first - the kind of the large value
 */
export async function outcomes(folder, pool, executor, first, size, second = 'small') {
  const own = mkdtempSync(folder);
  await pool.map(act, Array(600).fill(undefined)).toArray(); // so that the next ones are sent together
  const waker = goOnAfterDeath(own);
  void pool.submit(act, 'early', own); // the others are sent while it runs
  const futures = [
    executor.submit(act, first, own, process.pid, size),
    executor.submit(act, second, own),
    executor.submit(act, 'deadly', own, process.pid),
  ];
  const settled = await Promise.allSettled(futures);
  waker.kill();
  return { settled, ran: readFileSync(`${own}/log`, 'utf8').trim().split(' ') };
}

export function isLost({ status, reason }) {
  return status === 'rejected' && reason.code === 'ERR_WORKER_LOST';
}
