// Every worker says who and where it is.
//
//   MPI_FUTURES_MAX_WORKERS=4 node examples/hello.mjs
//   npx mpi-futures -n 5 examples/hello.mjs

import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { PoolExecutor, isMain } from 'mpi-futures';

const { OMPI_COMM_WORLD_RANK, PMI_RANK, OMPI_COMM_WORLD_SIZE, PMI_SIZE } = process.env;

/** Takes a moment, so that no worker is quick enough to answer for another. */
export async function hello() {
  await pause(100);
  return {
    rank: Number(OMPI_COMM_WORLD_RANK ?? PMI_RANK),
    size: Number(OMPI_COMM_WORLD_SIZE ?? PMI_SIZE),
    host: hostname(),
    pid: process.pid,
  };
}

if (isMain) {
  const pool = new PoolExecutor();
  await pool.bootup();

  const tasks = Array.from({ length: 3 * pool.numWorkers }, () => pool.submit(hello));
  const workers = new Map();
  for (const worker of await Promise.all(tasks))
    workers.set(`${worker.host} ${worker.pid}`, worker);
  await pool.shutdown();

  for (const { rank, size, host, pid } of [...workers.values()].sort((a, b) => a.rank - b.rank)) {
    console.log(`Hello from rank ${rank} of ${size} on ${host}, pid ${pid}`);
  }
}
