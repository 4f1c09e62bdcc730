/**
 * Starts MPI, and tries a pool if asked to. The doctor runs it in a separate process, since a broken MPI may hang or
 * abort. Each step is reported at once, in a line of stdout.
 */

import { PoolExecutor } from '../executors/pool_executor.js';
import { launcher } from '../addon/launcher.js';
import { loadedAddon, startMpi } from '../addon/mpi_process.js';
import { defaultWorkerCount, universeSizeOf } from '../workers/worker_count.js';
import { probeMark, type ProbeReport } from './doctor/probe_report.js';

const [what, bootTimeout] = process.argv.slice(2);

// Not awaited here: under the launcher this file is imported by a loader that waits for it.
void probe().catch((error: unknown) => {
  const { message, code } = error as NodeJS.ErrnoException;
  report({ error: { code: code ?? null, message } });
  process.exit(1);
});

async function probe(): Promise<void> {
  const { file, isPrebuilt, library } = loadedAddon();
  const { implementation, version } = library;
  report({ addon: file, isPrebuilt, implementation, library: version });
  const mpi = await startMpi();
  report({
    threadLevel: mpi.threadLevel,
    universeSize: universeSizeOf(mpi),
    worldSize: mpi.world.size,
    ...(launcher.size > 0 && { canSpawn: (await mpi.addon.whySpawnIsImpossible()) === '' }),
    defaultWorkers: defaultWorkerCount(mpi),
  });
  if (what === 'pool') await tryPool(Number(bootTimeout));
  process.exit(0);
}

async function tryPool(timeout: number): Promise<void> {
  const pool = new PoolExecutor({ maxWorkers: 1, bootTimeout: timeout });
  const start = performance.now();
  const answer = await pool.submit(Math.abs, -42);
  const milliseconds = Math.round(performance.now() - start);
  if (answer === 42) report({ workers: pool.numWorkers, milliseconds });
  await pool.shutdown();
}

function report(part: ProbeReport): void {
  process.stdout.write(`${probeMark}${JSON.stringify(part)}\n`);
}
