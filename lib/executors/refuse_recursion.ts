/** A program without the isMain guard starts a pool again on every worker that imports it, which would never end. */

import { endProgram, importing, report } from '../process/program_or_worker.js';

/** Ends all processes, with advice, if a module is being imported on this worker. */
export function refuseWhileImporting(): void {
  const module = importing();
  if (module === undefined) return;
  report(`
mpi-futures: ${module} starts a pool while a worker imports it to find one of its functions.
Each worker would start workers of its own, without end. Let only the program itself do it:

    import { PoolExecutor, isMain } from 'mpi-futures';

    if (isMain) {
      const pool = new PoolExecutor();
      …
    }

`);
  endProgram();
}
