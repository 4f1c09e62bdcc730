/**
 * Tells if the other processes live on when one dies. By default every MPI ends them all; Open MPI 4 can keep them,
 * with `mpiexec --enable-recovery` or a variable (docs/design/lifecycle.md).
 */

import type { MpiLibrary } from './implementation.js';
import { launcher } from './launcher.js';

const variable = 'OMPI_MCA_orte_enable_recovery';

// After deaths, a spawned process sometimes hangs in MPI_Init, and its MPI_Comm_spawn with it, because PMIx does not
// answer it: native/ending/pmix_connection.h.
const patience = 'OMPI_MCA_pmix_base_exchange_timeout';
// Open MPI 4 looks every 2 s, and then takes off 2 s twice (eviction_cbfunc in orte/orted/pmix/pmix_server.c): 40 are over
// after 20 s. What is not a multiple of 4 may never be over.
const countedPerSecond = 2;
const defaultPatience = 40;

/** Seconds by which a worker outlives the spawn that has failed. */
const afterSpawn = 5;

/** Returns the setting as it is when MPI starts. Open MPI 5 and later ignore the variable. */
export function survivesLosses(
  { implementation, major }: MpiLibrary,
  environment: NodeJS.ProcessEnv = process.env,
): boolean {
  return implementation === 'openmpi' && major < 5 && isAskedFor(environment);
}

function isAskedFor(environment: NodeJS.ProcessEnv): boolean {
  return /^(1|true|yes|on|t|y|enabled)$/i.test(environment[variable] ?? '');
}

/**
 * Called before MPI starts: limits the time of a spawn, so that one that hangs fails and can be tried again. A value
 * that the user has set is kept.
 */
export function limitSpawns(library: MpiLibrary): void {
  if (survivesLosses(library)) process.env[patience] ??= String(defaultPatience);
}

/**
 * Called on a spawned worker before MPI starts and its library is loaded: ends the worker if its start hangs. The
 * returned function lifts the limit, once MPI has started.
 */
export function limitStart(): () => void {
  if (!isAskedFor(process.env)) return () => undefined;
  const seconds = Number(process.env[patience] ?? defaultPatience) / countedPerSecond + afterSpawn;
  // process.exit would wait for the end of MPI.
  const timer = setTimeout(() => process.kill(process.pid, 'SIGKILL'), seconds * 1000);
  return () => {
    clearTimeout(timer);
  };
}

/** Called before MPI starts: without a launcher this process decides. A value that the user has set is kept. */
export function askForRecovery(): void {
  if (launcher.size === 0) process.env[variable] ??= '1';
}
