/**
 * Whether the other processes live on when one dies. Every MPI ends them all, as a rule; Open MPI 4 can be told not to, by
 * `mpiexec --enable-recovery` or a variable (docs/lifecycle.md).
 */

import { launcher, type Flavor } from './launcher.js';

const variable = 'OMPI_MCA_orte_enable_recovery';

/** As it is when MPI starts. */
export function survivesLosses(
  flavor: Flavor,
  environment: NodeJS.ProcessEnv = process.env,
): boolean {
  return flavor === 'openmpi' && /^(1|true|yes|on|t|y|enabled)$/i.test(environment[variable] ?? '');
}

/** Before MPI starts: without a launcher it is this process that decides. A value set by the user stands. */
export function askForRecovery(): void {
  if (launcher.size === 0) process.env[variable] ??= '1';
}
