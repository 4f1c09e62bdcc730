/**
 * Measures one pool for Node.js from inside, with workers of its own.
 *
 *     node measure.mjs POOL '{"workers": 1, "workloads": {"inFlight": {"warmUp": 600, "bursts": 5, "tasks": 20000}}}'
 *
 * Prints what each workload gives as JSON, in the order of the workloads. POOL is a file of pools/.
 */

import { isMain } from 'mpi-futures';
import * as lengths from './workloads/lengths.mjs';
import * as memory from './workloads/memory.mjs';
import * as rates from './workloads/rates.mjs';
import * as transfers from './workloads/transfers.mjs';

const workloads = { ...rates, ...transfers, ...lengths, ...memory };

if (isMain) {
  const [, , name, text] = process.argv;
  const { workers, workloads: asked } = JSON.parse(text);
  const { open } = await import(`./pools/${name}.mjs`);
  const pool = await open(workers);
  const results = {};
  for (const [workload, parameters] of Object.entries(asked))
    results[workload] = await workloads[workload](pool, { ...parameters, workers });
  await pool.close();
  console.log(JSON.stringify(results));
}
