/**
 * Tells if the other processes live on when one dies. Every MPI ends them all, as a rule; Open MPI 4 can be told not to, by
 * `mpiexec --enable-recovery` or a variable (docs/design/lifecycle.md).
 */

import type { MpiLibrary } from './implementation.js';
import { launcher } from './launcher.js';

const variable = 'OMPI_MCA_orte_enable_recovery';

// After deaths, now and then a spawned process hangs in MPI_Init (PMIx gives it no answer: native/ending/pmix_connection.h), and its MPI_Comm_spawn with it.
const patience = 'OMPI_MCA_pmix_base_exchange_timeout';
const defaultPatience = 20;

/** As it is when MPI starts. To Open MPI 5 and later the variable means nothing. */
export function survivesLosses(
  { implementation, major }: MpiLibrary,
  environment: NodeJS.ProcessEnv = process.env,
): boolean {
  return implementation === 'openmpi' && major < 5 && isAskedFor(environment);
}

function isAskedFor(environment: NodeJS.ProcessEnv): boolean {
  return /^(1|true|yes|on|t|y|enabled)$/i.test(environment[variable] ?? '');
}

/** Before MPI starts: a spawn that hangs is to fail in the end, so that it can be tried again. A value set by the user stands. */
export function limitSpawns(library: MpiLibrary): void {
  if (survivesLosses(library)) process.env[patience] ??= String(defaultPatience);
}

/** Before MPI starts on a spawned worker, and its library is loaded: one that hangs ends. To be called when MPI has started. */
export function limitStart(): () => void {
  if (!isAskedFor(process.env)) return () => undefined;
  const seconds = Number(process.env[patience] ?? defaultPatience);
  // Not process.exit: what ends MPI would wait for it.
  const timer = setTimeout(() => process.kill(process.pid, 'SIGKILL'), seconds * 1000);
  return () => {
    clearTimeout(timer);
  };
}

/** Before MPI starts: without a launcher it is this process that decides. A value set by the user stands. */
export function askForRecovery(): void {
  if (launcher.size === 0) process.env[variable] ??= '1';
}
