/**
 * Ends all ranks under MPICH's mpiexec before MPI has started. Mpiexec does not notice a rank that ends before
 * MPI_Init, whatever its status, and all others wait for it there. Where the addon cannot be loaded, JavaScript
 * therefore sends the abort to the process manager (native/ending/process_manager.cc does so in other cases).
 */

import { writeSync } from 'node:fs';

import { isPmiConnected } from './launcher.js';

/** Milliseconds for mpiexec to read what was printed. */
const forOutput = 100;

/** Ends all ranks, where hydra has started them and MPI has not been started here. */
export function abortThroughHydra(code: number, environment = process.env): void {
  const { PMI_FD, HYDI_CONTROL_FD, MPIR_CVAR_PMI_VERSION } = environment;
  if (PMI_FD === undefined || HYDI_CONTROL_FD === undefined || !isPmiConnected(environment)) return;
  if (MPIR_CVAR_PMI_VERSION !== undefined && MPIR_CVAR_PMI_VERSION !== '1') return;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forOutput);
  try {
    writeSync(Number(PMI_FD), `cmd=abort exitcode=${code}\n`);
  } catch {
    // The process manager has gone.
  }
}
