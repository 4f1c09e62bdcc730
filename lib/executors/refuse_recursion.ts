/**
 * Prevents endless recursion: without the isMain guard, every worker that imports the program would start a pool in
 * turn.
 */

import { endProgram, importing, report } from '../process/program_or_worker.js';

/** Ends all processes, with advice, if this worker is importing a module. */
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
