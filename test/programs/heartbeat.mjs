/** Has workers, and prints whose processes they are, so that the test can stop one of all these processes. */

import { PoolExecutor, isMain } from 'mpi-futures';
import { tellBegun, whenBegun } from './begun.mjs';
import { busy, identity, later, pid } from './tasks.mjs';

const ways = {
  'two tasks': async (pool, milliseconds, printPids) => {
    const submit = (file) => pool.submit(beginBusy, file, Number(milliseconds));
    const futures = (await Promise.all([whenBegun(submit), whenBegun(submit)])).flat();
    printPids();
    await stopped();
    for (const { reason } of await Promise.allSettled(futures))
      console.log(reason ? `${reason.name}: ${reason.message}` : 'done');
    console.log('afterwards:', await pool.submit(identity, 'a result'));
  },

  // Its worker is stopped, lost, and goes on while another one runs the task.
  'a task again': async (pool, milliseconds, printPids) => {
    const careful = pool.with({ retries: 1 });
    const futures = Array.from({ length: 2 }, () =>
      careful.submit(busyThere, Number(milliseconds)),
    );
    printPids();
    await stopped();
    const places = await Promise.all(futures);
    console.log('the same worker:', places[0] === places[1]);
    console.log('going on', (await pool.submit(busyThere, 2 * Number(milliseconds))) === places[0]);
    console.log('afterwards:', await pool.submit(identity, 'a result'), pool.numWorkers);
  },

  'busy workers': (pool, _, printPids) => {
    for (let i = 0; i < 10; i++) pool.submit(busy, 60_000);
    printPids();
  },
};

/** The program goes on for as long as it takes the test to stop a process. */
function stopped() {
  return later(undefined, 1000);
}

export function beginBusy(file, milliseconds) {
  tellBegun(file);
  busy(milliseconds);
}

export function busyThere(milliseconds) {
  busy(milliseconds);
  return process.pid;
}

export function slowPid() {
  return later(pid(), 20);
}

if (isMain) {
  const [way, heartbeat, argument] = process.argv.slice(2);
  const pool = await new PoolExecutor({ heartbeat: Number(heartbeat) }).bootup();
  const pids = await Promise.all(Array.from({ length: 8 }, () => pool.submit(slowPid)));
  await ways[way](pool, argument, () => {
    console.log(`master ${process.pid} workers ${JSON.stringify([...new Set(pids)])}`);
  });
}
